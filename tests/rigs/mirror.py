#!/usr/bin/env python3
"""mirror.py [--long]: requests are mirrored to another version while clients load the one that answers.

While there is time for it, every request has its twin; one that never ends keeps nobody waiting, and what finds no room beside it is given up and
counted. The long form, with the server on one core and the clients on another, holds mirroring against its targets: the p99 of a steady load with
everything mirrored is at most 2 % above that without, medians of runs that alternate; and beyond capacity as much is answered well as without.
The short form asks only what no timing decides. Negative control of the long form: the same twins asked for by clients.
"""
import argparse
import collections
import os
import statistics
import sys

import figures
import packages
from api import outputs_of
from fixture import Server, eventually
from generator import Generator, failed_in

MODEL, COST_US = "mirrored", 20
STUCK, HANGS, PLACES = "stuck", 13, 1024  # places: of the lane's ring, see MirrorSettings
SLOW, SLOW_US = "slow", 1200
QUEUED = "batching: {dimension: 0, max_batch: 8, execution: queue}\nlimits: {timeout: 20s}\n"
REFUSED = ("429", "503", "504")
LONGEST_P99 = 1.02
DEADLINE_US = 100_000


class Yard:
    """The server with two versions of a model, and the clients' core."""

    def __init__(self, server, core):
        self.server, self.core, self.api = server, core, server.api()

    def given(self, name, cost, manifest="", candidate=""):
        for constant, more in ((1, ""), (2, candidate)):
            files = packages.echo(constant, name, f"cost 0 {cost}\n{more}", manifest)
            answer = self.api.push(packages.tar_gz(files), name)
            if answer.status != 201 or answer.json["version"]["stage"].lower() != "validated":
                raise SystemExit(f"expected a validated version of {name}, found {answer}")

    def mirror(self, name, share):
        said = ["--mirror", f"2={share}"] if share else []
        done = self.server.cli("deploy", f"{name}:1", *said, "--wait")
        if done.returncode != 0:
            raise SystemExit(f"deploy {name} left with {done.returncode}: {done.stderr}")

    def run(self, name, seconds, **more):
        generator = Generator(self.server, "http1", name, seconds, core=self.core, **{"connections": 16, "warm_up": 0.3, **more})
        try:
            return generator.report()
        finally:
            generator.close()

    def counts(self, name):
        """Twins by outcome."""
        found = {}
        for line in self.api.get("/metrics").body.decode().splitlines():
            if line.startswith(f'slipway_mirrored_requests_total{{model="{name}",version="2",outcome="'):
                found[line.split('outcome="')[1].split('"')[0]] = int(float(line.rsplit(" ", 1)[1]))
        return found

    def settled(self, name):
        """The same, once none waits any more."""
        def found():
            counts = self.counts(name)
            return counts if counts and counts["taken"] == counts["ok"] + counts["failed"] else None
        return eventually(found, f"all twins of {name} to be executed")

    def answered(self, name):
        statistics_of = self.api.get(f"/v2/models/{name}/versions/1/stats").json["model_stats"][0]["inference_stats"]
        return statistics_of["success"]["count"]


def strange_in(report):
    """What no overload excuses."""
    strange = {status: seen["count"] for status, seen in report["statuses"].items() if status not in ("200", *REFUSED)}
    return strange | {what: report[what] for what in ("mismatched", "cut", "unanswered") if report[what]}


def p99(report):
    return report["statuses"]["200"]["p99_us"]


def whole(yard, seconds, cases):
    """Every answer has its twin, or is counted as dropped."""
    yard.mirror(MODEL, 100)
    calm = yard.run(MODEL, seconds, rate=500)
    counts, answered = yard.settled(MODEL), yard.answered(MODEL)
    print(f"at 500/s: {answered} answered, twins {counts}", flush=True)
    cases.append(("all are answered while everything is mirrored", f"found {calm}" if failed_in(calm) else ""))
    missing = answered - counts["taken"] - counts["dropped"]
    cases.append(("each answer has a twin, or one that was given up and counted", f"{missing} are missing" if missing else ""))
    cases.append(("no twin fails", f"found {counts}" if counts["failed"] else ""))


def stuck(yard, cases):
    """A twin that never ends: all are answered behind it, and each twin has a place or is counted."""
    yard.mirror(STUCK, 100)
    answers = collections.Counter()

    def ask(value):
        answer = yard.api.infer(STUCK, packages.nonce(value))
        answers[outputs_of(answer)["constant"][0] if answer.status == 200 else str(answer)] += 1

    ask(HANGS)
    eventually(lambda: yard.counts(STUCK).get("taken") == 1, "the twin to be taken")
    for _ in range(2 * PLACES):
        ask(7)
    counts = yard.counts(STUCK)
    yard.mirror(STUCK, 0)
    ask(7)
    print(f"behind a twin that hangs: answers {dict(answers)}, twins {counts}", flush=True)
    wrong = "" if answers == {1: 2 * PLACES + 2} else f"found {dict(answers)}"
    cases.append(("a twin that never ends keeps nobody waiting, and can be ended by a deployment", wrong))
    mirrored = counts["taken"] + counts["dropped"] == 2 * PLACES + 1 and counts["taken"] <= PLACES
    is_silent = counts["ok"] == counts["failed"] == 0
    cases.append(("behind it twins find room or are counted, and none is answered", "" if mirrored and is_silent else f"found {counts}"))


def shed(yard, seconds, cases):
    """Beyond capacity twins go first."""
    yard.mirror(SLOW, 0)
    peak = yard.run(SLOW, seconds, connections=16)["good_rate"]
    load = {"rate": 5 * peak, "timeout_us": DEADLINE_US, "connections": 128}
    without = yard.run(SLOW, seconds, **load)
    yard.mirror(SLOW, 100)
    with_twins = yard.run(SLOW, seconds, **load)
    counts = yard.counts(SLOW)
    print(f"at 5 times of {peak:.0f}/s: well answered {without['good_rate']:.0f}/s without a mirror, {with_twins['good_rate']:.0f}/s with; twins {counts}", flush=True)
    cases.append(("beyond capacity requests are answered or refused, nothing else", str(strange_in(with_twins) or "")))
    cases.append(("beyond capacity twins are given up", "" if counts["dropped"] > counts["taken"] else f"found {counts}"))
    ratio = with_twins["good_rate"] / without["good_rate"]
    cases.append((f"beyond capacity {ratio:.3f} of what is answered without a mirror", "" if ratio >= 0.97 else "expected 0.97 at least"))


def undelayed(yard, seconds, cases):
    """A steady load at a third of capacity: p99 without a mirror, with one, and with clients that ask twice."""
    yard.mirror(MODEL, 0)
    rate = yard.run(MODEL, 2, connections=16)["good_rate"] / 3
    figures_of = {"without": [], "mirrored": [], "asked twice": []}
    for _ in range(5):
        for case, found in figures_of.items():
            yard.mirror(MODEL, 100 if case == "mirrored" else 0)
            load = {"rate": rate * (2 if case == "asked twice" else 1), "connections": 16}
            found.append(p99(yard.run(MODEL, seconds, **load)))
    medians = {case: statistics.median(found) for case, found in figures_of.items()}
    counts = yard.counts(MODEL)
    print(f"p99 in us at {rate:.0f}/s: {figures_of}; twins {counts}", flush=True)
    ratio, control = medians["mirrored"] / medians["without"], medians["asked twice"] / medians["without"]
    cases.append((f"with everything mirrored p99 is {ratio:.3f} of that without", "" if ratio <= LONGEST_P99 else f"expected {LONGEST_P99} at most"))
    cases.append((f"control: asked for by clients, twins cost {control:.3f}", "" if control > LONGEST_P99 else f"expected more than {LONGEST_P99}"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    pinned = options.long and len(cores) > 1
    limits = (lambda: os.sched_setaffinity(0, {cores[0]})) if pinned else None
    cases = []
    with Server(loops=1, limits=limits) as server:
        yard = Yard(server, cores[-1] if pinned else None)
        yard.given(MODEL, COST_US)
        whole(yard, options.seconds if options.long else 1, cases)
        if options.long:
            yard.given(SLOW, SLOW_US, QUEUED)
            shed(yard, options.seconds, cases)
            undelayed(yard, options.seconds, cases)
        yard.given(STUCK, 0, candidate=f"hang_row nonce {HANGS}\n")
        stuck(yard, cases)
    return figures.conclude(cases)


if __name__ == "__main__":
    sys.exit(main())
