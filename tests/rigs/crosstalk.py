#!/usr/bin/env python3
"""crosstalk.py [--requests N | --long] [--seed N]: every client must get its own nonces back, whoever shares its batch.

Many connections with several requests under way, 1 to 4 rows each, some of them refused on purpose, some clients hanging up in the
middle of everything. One model runs on the loop, one on threads of its own; both merge rows of different clients (checked by the
server's own count of executions). The negative control is a model that passes verification and then begins to give each
row its neighbour's answer.
"""
import argparse
import random
import sys
import time

import figures
import packages
from fixture import Server
from load import Load, wrong_in

LOAD = ("--connections", 64, "--pipeline", 4, "--rows", 4, "--leaves", 0.002, "--refused", 0.01)
CONTROL_REQUESTS = 5000
POISON = 777
KINDS = (("inline", "", "", 0.6), ("queued", "cost 50 1\n", "batching: {dimension: 0, max_batch: 64, execution: queue}\n", 0.4))


def given_model(server, name, model, manifest):
    api = server.api()
    answer = api.push(packages.tar_gz(packages.echo(1, name, model, manifest)), name)
    if answer.status != 201 or answer.json["version"]["stage"].lower() != "validated":
        raise SystemExit(f"expected a valid version of {name}, found {answer}")
    done = server.cli("deploy", name, "--wait")
    if done.returncode != 0:
        raise SystemExit(f"deploy {name} left with {done.returncode}: {done.stderr}")


def ask(server, name, *options):
    load = Load(server, name, *options)
    try:
        return load.report()
    finally:
        load.close()


def rows_per_execution(server, name):
    with_api = server.api()
    found = with_api.get(f"/v2/models/{name}/stats").json["model_stats"][0]
    return found["inference_count"] / max(1, found["execution_count"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--long", action="store_const", dest="requests", const=10_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    cases = []
    with Server(loops=2, options=("--log-level", "error")) as server:
        for kind, model, manifest, share in KINDS:
            name = "crosstalk-" + kind
            given_model(server, name, "fail_row nonce -1\n" + model, manifest)
            began = time.monotonic()
            report = ask(server, name, *LOAD, "--requests", int(options.requests * share), "--seed", options.seed)
            merged = rows_per_execution(server, name)
            print(f"{name}: {report['answered']} answers ({report['rows']} rows, {report['refused']} refused as asked, "
                  f"{report['cancelled']} hung up on) in {time.monotonic() - began:.0f} s, {merged:.1f} rows per execution")
            print(figures.bound(report["mismatched"], report["answered"], "answers with another client's nonces"))
            wrong = str(report) if wrong_in(report) or report["busy"] else ""
            if not wrong and merged < 3:  # a request alone brings 2.5 on average
                wrong = f"expected rows of different clients to be merged, found {merged:.2f} rows per execution"
            cases.append((f"{name} gives every client its own answer", wrong))

        given_model(server, "crosstalk-control", f"mixes_rows_after nonce {POISON}\n", "")
        calm = ask(server, "crosstalk-control", *LOAD[:4], "--requests", CONTROL_REQUESTS)
        server.api().infer("crosstalk-control", packages.nonce(POISON))
        mixed = ask(server, "crosstalk-control", *LOAD[:4], "--requests", CONTROL_REQUESTS)
        print(f"control: {mixed['mismatched']} of {mixed['answered']} found to be another client's")
        cases.append(("control: rows mixed between clients are found out",
                      "" if mixed["mismatched"] and not calm["mismatched"] else f"expected mismatches, found {mixed} after {calm}"))
    return figures.conclude(cases)


if __name__ == "__main__":
    sys.exit(main())
