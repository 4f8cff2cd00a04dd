#!/usr/bin/env python3
"""swap.py [--swaps N | --long] [--seed N]: `slipway deploy --wait` of one version after another while clients keep asking.

Every version gives its own number beside each nonce, so an answer tells which version computed it. None may fail; the version
named and the one that computed must be one; and what is asked after a deployment was acknowledged is answered by the new
version. Half of the swaps are of a model that runs on the loop, half of one that runs on threads of its own.
Three negative controls: the new version is expected before it is deployed; a version gives another number than its own; the model
is taken away for a moment.
"""
import argparse
import random
import sys
import time

import figures
import packages
from fixture import Server, eventually
from load import Load, wrong_in

VERSIONS = 6
CONTROL_SWAPS = 5
BETWEEN_S = 0.02  # under load, between two swaps
LOAD = ("--constant-is-version", "--connections", 16, "--pipeline", 2, "--rows", 4)
QUEUED = "batching: {dimension: 0, max_batch: 64, execution: queue}\n"


def given_model(server, name, manifest="", lying_version=None):
    api = server.api()
    for number in range(1, VERSIONS + 1):
        constant = number + 100 if number == lying_version else number
        model = "cost 100 5\n" if manifest else ""
        answer = api.push(packages.tar_gz(packages.echo(constant, name, model, manifest)), name)
        found = answer.json["version"] if answer.status == 201 else {}
        if found.get("version") != number or found.get("stage", "").lower() != "validated":
            raise SystemExit(f"expected version {number} of {name}, found {answer}")
    deploy(server, name, 1)


def deploy(server, name, version):
    done = server.cli("deploy", f"{name}:{version}", "--wait")
    if done.returncode != 0:
        raise SystemExit(f"deploy {name}:{version} left with {done.returncode}: {done.stderr}")


def swap_under_load(server, name, swaps, chance, expect_early=False):
    """The load's report, and how long each swap took."""
    load, live, took = Load(server, name, *LOAD, "--seed", chance.randrange(10**6)), 1, []
    try:
        load.allow(live)
        for _ in range(swaps):
            following = chance.choice([v for v in range(1, VERSIONS + 1) if v != live])
            load.allow(*([following] if expect_early else [live, following]))
            began = time.monotonic()
            deploy(server, name, following)
            took.append(time.monotonic() - began)
            load.allow(following)
            live = following
            time.sleep(BETWEEN_S)  # only load, no assertion waits here
        return load.stop(), took
    finally:
        load.close()


def vanish_under_load(server, name):
    load = Load(server, name, *LOAD)
    try:
        load.allow()
        with_api = server.api()
        with_api.delete("/api/v1/serving/" + name)
        eventually(lambda: with_api.infer(name, packages.nonce(1)).status != 200, f"{name} to be gone")
        deploy(server, name, 1)
        return load.stop()
    finally:
        load.close()


def verdict(report, swaps):
    if wrong_in(report) or report["busy"]:
        return f"{report}"
    return "" if report["answered"] > 10 * swaps else f"expected load during the swaps, found {report}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--swaps", type=int, default=100)
    parser.add_argument("--long", action="store_const", dest="swaps", const=1_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    chance, cases = random.Random(options.seed), []
    with Server(loops=2, options=("--log-level", "warning")) as server:
        for name, manifest in (("swap-inline", ""), ("swap-queued", QUEUED)):
            given_model(server, name, manifest)
            swaps = options.swaps // 2
            report, took = swap_under_load(server, name, swaps, chance)
            print(f"{name}: {swaps} swaps, median {sorted(took)[swaps // 2] * 1e3:.0f} ms, {report['answered']} answers "
                  f"({report['rows']} rows)")
            for kind, what in (("failed", "failed"), ("wrong_version", "wrong-version"), ("mixed", "mixed")):
                print(figures.bound(report[kind], report["answered"], what + " answers"))
            cases.append((f"{swaps} swaps of {name} harm no answer", verdict(report, swaps)))

        deploy(server, "swap-inline", 1)
        early, _ = swap_under_load(server, "swap-inline", CONTROL_SWAPS, chance, expect_early=True)
        cases.append(("control: a version that is expected too early is found out",
                      "" if early["wrong_version"] else f"expected wrong versions, found {early}"))
        given_model(server, "swap-lying", lying_version=2)
        load = Load(server, "swap-lying", *LOAD)
        deploy(server, "swap-lying", 2)
        time.sleep(BETWEEN_S)
        lying = load.stop()
        cases.append(("control: a version that computes another's answers is found out",
                      "" if lying["mixed"] else f"expected mixed answers, found {lying}"))
        gone = vanish_under_load(server, "swap-inline")
        cases.append(("control: failed answers are found out", "" if gone["failed"] else f"expected failures, found {gone}"))
    return figures.conclude(cases)


if __name__ == "__main__":
    sys.exit(main())
