#!/usr/bin/env python3
"""Measures Slipway against servers that answer a constant and against ONNX Runtime in a bare loop; `make bench` runs it.

    run.py [--only P1,P5] [--rounds 5] [--seconds 1.5] [--no-profile]   measures these rows (default: all), then writes the page
    run.py --prepare | --join                                           only pushes the models | only writes the page

A row can be measured alone and at another time: its figures stay in build/bench/rows, and the page in bench/results joins what
is there. `--only P5` means every row whose name begins so, up to a hyphen. A row that misses its target is profiled.
"""
import argparse
import signal
import sys

import rows_generator
import rows_grpc
import rows_http1
import rows_loops
import rows_models
import rows_process
import rows_push
import rows_rollouts
import rows_tls
import rows_triton
import sheet
import yard
from places import ROOT

# name -> measure(yard, options, sheet). P6 is measured with P1 (HTTP) and P2 (gRPC); P3 is calculated from P1, P2 and P5.
ROWS = {
    "P1": rows_http1.tiny, "P2": rows_grpc.tiny, "P2b": rows_http1.binary, "P5-slow": rows_models.slow,
    "P5-mlp784": rows_models.mlp784, "P5-heavy": rows_models.heavy, "P6b-http1": rows_tls.http1, "P6b-http2": rows_tls.http2,
    "P10": rows_process.start, "P13": rows_loops.two_loops, "P14": rows_process.idle, "P15": rows_process.copies, "single": rows_http1.single,
    "memory": rows_process.memory, "swap": rows_process.swap, "push": rows_push.push,
    "rollout": rows_rollouts.canary, "shadow": rows_rollouts.shadow, "generator-http1": rows_generator.http1,
    "generator-grpc": rows_generator.grpc, "P3": rows_triton.published,
}


def chosen(only):
    if not only:
        return list(ROWS)
    names = []
    for word in only.split(","):
        found = [name for name in ROWS if name == word or name.startswith(word + "-")]
        if not found:
            sys.exit(f"run.py: expected some of {', '.join(ROWS)}; found '{word}'")
        names += found
    return names


def measure(names, options):
    """Each row, whatever became of the others; the names of those that could not be measured."""
    failed = []
    for name in names:
        row = sheet.Sheet(name)
        try:
            ROWS[name](options, row)
            row.save()
        except Exception as failure:
            print(f"{name}: not measured: {failure}", file=sys.stderr, flush=True)
            failed.append(name)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="ROWS")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each round")
    parser.add_argument("--no-profile", action="store_true", help="do not profile rows that miss")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--join", action="store_true")
    parser.add_argument("--no-table", action="store_true")
    options = parser.parse_args()
    names = chosen(options.only)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that the servers are stopped
    if options.join:
        print("wrote", sheet.join().relative_to(ROOT))
        return 0
    yard.prepare()
    if options.prepare:
        return 0
    if not options.only:
        sheet.clear()
    failed = names
    try:
        failed = measure(names, options)
    finally:
        if not options.no_table and sheet.has_rows():
            print("wrote", sheet.join().relative_to(ROOT))
    if failed:
        print("not measured:", ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
