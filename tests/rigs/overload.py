#!/usr/bin/env python3
"""overload.py [--long]: a slow model is asked for 2, 5 and 10 times of what it can do, by clients that do not wait for each other.

Arrivals are Poisson and come whatever the answers do; latency counts from the moment a request was meant for. Measured against the peak
of a closed loop: what is answered well, how long those wait that are let in, how soon the others are refused, and how soon
all is well again. The long form holds this against the targets, with the server on one core and the clients on another. The
short form, for a busy machine, asks only what no timing decides. Negative control: the same load without deadlines.
"""
import argparse
import os
import sys
import time

import figures
from fixture import Server
from generator import GOOD, Generator, failed_in, given_model

MODEL = "slow"
COST_US = 1200
DEADLINE_US = 100_000
QUEUED = "batching: {dimension: 0, max_batch: 8, execution: queue}\nlimits: {timeout: 20s}\n"
SLOTS = {"http1": {"connections": 256}, "grpc": {"connections": 16, "streams": 32}}
REFUSED = {"http1": ("429", "503", "504"), "grpc": ("8", "14", "4")}  # overloaded, unavailable, deadline exceeded
GOODPUT = {2: 0.90, 5: 0.85, 10: 0.85}
REFUSAL_US, NORMAL_S = 5000, 5


class Yard:
    """The server, the clients' core, and one protocol."""

    def __init__(self, server, protocol, core):
        self.server, self.protocol, self.core = server, protocol, core

    def run(self, seconds, rate=None, timeout_us=DEADLINE_US, warm_up=0.5, **slots):
        generator = Generator(self.server, self.protocol, MODEL, seconds, rate=rate, timeout_us=timeout_us, warm_up=warm_up,
                              core=self.core, **(slots or SLOTS[self.protocol]))
        try:
            return generator.report()
        finally:
            generator.close()

    def latency(self, report, *statuses):
        """Of answers with these statuses: (count, the largest p99)."""
        seen = [report["statuses"][s] for s in statuses if s in report["statuses"]]
        return sum(s["count"] for s in seen), max((s["p99_us"] for s in seen), default=0)

    def good(self, report):
        return self.latency(report, GOOD[self.protocol])

    def refused(self, report):
        return self.latency(report, *REFUSED[self.protocol])


def strange_in(yard, report):
    """What no overload excuses."""
    known = {GOOD[yard.protocol], *REFUSED[yard.protocol]}
    strange = {status: seen["count"] for status, seen in report["statuses"].items() if status not in known}
    lost = {what: report[what] for what in ("mismatched", "cut", "unanswered") if report[what]}
    return strange | lost


def misses(yard, report, peak, factor):
    """The targets this run misses, in words."""
    wrong = []
    (answered, p99), (refused, refusal_p99) = yard.good(report), yard.refused(report)
    if report["good_rate"] < GOODPUT[factor] * peak:
        wrong.append(f"goodput {report['good_rate'] / peak:.0%} of peak, expected {GOODPUT[factor]:.0%}")
    if p99 > DEADLINE_US:
        wrong.append(f"p99 of {answered} admitted is {p99 / 1e3:.0f} ms, expected at most {DEADLINE_US / 1e3:.0f} ms")
    if not refused:
        wrong.append("expected refusals")
    if refusal_p99 > REFUSAL_US:
        wrong.append(f"p99 of {refused} refusals is {refusal_p99 / 1e3:.1f} ms, expected at most {REFUSAL_US / 1e3:.0f} ms")
    if strange_in(yard, report):
        wrong.append(f"found {strange_in(yard, report)}")
    return wrong


def seconds_to_normal(yard, peak):
    """Until half of the peak is answered well, every request of it and in time, for a second."""
    began = time.monotonic()
    while time.monotonic() - began < 4 * NORMAL_S:
        at = time.monotonic() - began
        report = yard.run(1, rate=peak / 2, warm_up=0)
        if failed_in(report) == 0 and yard.good(report)[1] <= DEADLINE_US:
            return at
    return float("inf")


def tell(yard, factor, report, peak):
    (answered, p99), (refused, refusal_p99) = yard.good(report), yard.refused(report)
    late = yard.latency(report, *REFUSED[yard.protocol][1:])[0]  # let in, and not answered in time
    print(f"{yard.protocol} {factor:2}x: goodput {report['good_rate'] / peak:.1%} of {peak:.0f}/s, {answered} admitted p99 {p99 / 1e3:.1f} ms, "
          f"{refused} refused p99 {refusal_p99 / 1e3:.2f} ms ({late} of them late), server {report['server_cpu_us']:.1f} us of CPU each", flush=True)


def measure(yard, seconds, cases):
    peak = yard.run(seconds, timeout_us=None, connections=16, streams=1)["good_rate"]
    for factor in GOODPUT:
        report = yard.run(seconds, rate=factor * peak)
        tell(yard, factor, report, peak)
        cases.append((f"{yard.protocol} at {factor} times of capacity", "; ".join(misses(yard, report, peak, factor))))
    back = seconds_to_normal(yard, peak)
    cases.append((f"{yard.protocol} is back to normal after {back:.1f} s", "" if back <= NORMAL_S else f"expected {NORMAL_S} s at most"))
    return peak


def glance(yard, cases):
    """The short form."""
    peak = yard.run(1, timeout_us=None, connections=4, streams=1)["good_rate"]
    report = yard.run(2, rate=5 * peak, warm_up=0)
    tell(yard, 5, report, peak)
    wrong = strange_in(yard, report)
    if not yard.good(report)[0] or not yard.refused(report)[0]:
        wrong = f"expected both answers and refusals, found {report['statuses']}"
    cases.append((f"{yard.protocol}: overload is answered or refused, nothing else", str(wrong or "")))
    calm = yard.run(1, connections=1, streams=1, timeout_us=None, warm_up=0)
    cases.append((f"{yard.protocol}: afterwards a client is answered", "" if not failed_in(calm) else f"found {calm}"))
    return peak


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    pinned = options.long and len(cores) > 1
    limits = (lambda: os.sched_setaffinity(0, {cores[0]})) if pinned else None
    cases = []
    with Server(loops=1, limits=limits) as server:
        given_model(server, MODEL, COST_US, QUEUED)
        for protocol in SLOTS:
            yard = Yard(server, protocol, cores[-1] if pinned else None)
            peak = measure(yard, options.seconds, cases) if options.long else glance(yard, cases)
        endless = yard.run(options.seconds if options.long else 2, rate=5 * peak, timeout_us=None, warm_up=0)
        tell(yard, 5, endless, peak)
        late = yard.good(endless)[1] > DEADLINE_US
        cases.append(("control: without deadlines the same load is found out", "" if late else f"expected late answers, found {endless}"))
    return figures.conclude(cases)


if __name__ == "__main__":
    sys.exit(main())
