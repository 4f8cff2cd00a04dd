"""What progressive delivery costs live requests: a canary with its records and evidence, and a shadow."""
import contextlib
import dataclasses
import json
import pathlib
import re
import subprocess
import time
import urllib.request

import yard
from load import alternate, median, middle, ratio, slipway_load
from places import MODELS, PROGRAMS, SERVER_CORE, WORK
from rows_process import second_tiny
from servers import wait_for

ROLLOUT_CANARY = """\
stages: [{canary: {weights: [10%], dwell: 10d, holdback: 0%}}]
alpha: 0.0001
metrics:
- {name: error_rate, source: errors, margin_difference: 0.01}
- {name: latency, source: latency, margin_ratio: 2}
- {name: score, source: prediction, column: 1, direction: either_way, margin_difference: 0.2}
"""
ROLLOUT_SHADOW = """\
stages: [{shadow: {mirrored: 100%, dwell: 10d}}]
agreement:
  metrics:
  - {name: class, source: class, column: 0, most: 0.01}
"""
LIVE_RATE = 20_000  # requests per second at which two versions have room on one core
AT_ONCE = 16        # requests of a tick


def two_versions(name, *flags):
    """A server with its own data, in which tiny has two versions that say the same; version 1 answers."""
    return yard.slipway(*flags, data=yard.twin(name))


def without_records():
    """Of a server that keeps no prediction log."""
    file = WORK / "without-records.yaml"
    file.write_text("prediction_log: 0\n")
    return "--config", file


def begin(server, plan):
    """Starts a rollout of version 2, and waits until its first step is served."""
    file = WORK / "plan.yaml"
    file.write_text(plan)
    server.cli("rollout", "start", "tiny:2", "--plan", file, "--reason", "measured")
    wait_for(lambda: expect_state(server, "observing"))


def expect_state(server, state):
    request = urllib.request.Request(server.url + "/api/v1/rollouts/1", headers={
        "Authorization": "Bearer " + (server.data / "admin.token").read_text().strip()})
    with urllib.request.urlopen(request, timeout=5) as answer:
        told = json.load(answer)
    if told["state"] != state:
        raise RuntimeError(f"expected a rollout that is {state}, found {told['state']}: {told['reason']}")


def either_version(ask, server):
    """Answers name their version."""
    file = WORK / "tiny.answer.2.json"
    file.write_bytes(yard.answer(server, "tiny", ask.body.read_bytes(), {"Content-Type": "application/json"}, version=2)[0])
    return dataclasses.replace(ask, also_expect=file)


def metric(server, pattern):
    with urllib.request.urlopen(server.url + "/metrics", timeout=5) as answer:
        return sum(float(value) for value in re.findall(rf"(?m)^{pattern} (\S+)$", answer.read().decode()))


def canary(options, sheet):
    """A server with a rollout against one without one, and against one that splits as it does but keeps no records."""
    with contextlib.ExitStack() as stack:
        plain, split, rolled = (stack.enter_context(two_versions(name, *flags)) for name, flags in
                                (("without-rollout", ()), ("split-by-hand", without_records()), ("with-rollout", ())))
        for server in (plain, split, rolled):
            second_tiny(server)
        split.cli("deploy", "tiny", "--split", "1=90,2=10", "--wait")
        begin(rolled, ROLLOUT_CANARY)
        ask = either_version(yard.ask_json("tiny", 64, plain), rolled)
        found = alternate(options.rounds, **{name: (lambda server=server: slipway_load(server, ask, options.seconds, yard.infer("tiny")))
                                             for name, server in (("plain", plain), ("split", split), ("rolled", rolled))})
        expect_state(rolled, "observing")
        dropped = metric(rolled, r"slipway_prediction_records_dropped_total\{[^}]*\}")
    ours = middle(found["rolled"])
    for words, other in (("without one", "plain"), ("split by hand, no records", "split")):
        share = ratio(found["rolled"], found[other], "rate")
        beyond = median(a.cpu - b.cpu for a, b in zip(found["rolled"], found[other]))
        sheet.add("rollout", f"tiny JSON, canary at 10 %, 3 metrics: rate / {words}",
                  f"{share:.3f} ({ours.rate:.0f} / {middle(found[other]).rate:.0f} per s; all threads {beyond * 1e3:+.0f} ns)", ">= 0.98",
                  share >= 0.98, ours.latency())
    sheet.add("rollout", "predictions of these without a record", f"{dropped:.0f}", "0", dropped == 0)
    sheet.commands.append(ours.command)
    path(options, sheet)


def path(options, sheet):
    """The same on the lane alone, where nothing else is measured with it."""
    def overhead(*flags):
        done = subprocess.run(["taskset", "-c", SERVER_CORE, str(PROGRAMS / "lane_bench"), *flags, str(MODELS / "tiny.onnx")], check=True,
                              capture_output=True, text=True)
        return float(re.search(rf"(?m)^\s*{AT_ONCE}\s.*?(\S+)$", done.stdout).group(1)) * 1e3

    rounds = [(overhead("--record"), overhead()) for _ in range(options.rounds)]
    beyond = median(with_records - without for with_records, without in rounds)
    sheet.add("rollout", f"the lane, {AT_ONCE} requests a tick: split and record", f"{beyond:+.0f} ns", "<= 100 ns", beyond <= 100)
    sheet.commands.append(f"build/release/bench/lane_bench [--record] {pathlib.Path('build/bench/models/tiny.onnx')}")


def shadow(options, sheet):
    """A server that mirrors all of its requests against one that does not: at a rate at which there is room, and at the most."""
    with two_versions("without-shadow") as plain, two_versions("with-shadow") as mirrored:
        for server in (plain, mirrored):
            second_tiny(server)
        begin(mirrored, ROLLOUT_SHADOW)
        ask = yard.ask_json("tiny", 16, plain)
        for words, rate in ((f"{LIVE_RATE} per s", LIVE_RATE), ("as many as it takes", None)):
            taken, shed = counted(mirrored)
            found = alternate(options.rounds, **{
                name: (lambda server=server: slipway_load(server, ask, options.seconds, yard.infer("tiny"), rate=rate))
                for name, server in (("plain", plain), ("mirrored", mirrored))})
            time.sleep(0.5)  # what waits is mirrored yet
            now_taken, now_shed = counted(mirrored)
            told = f"shed {(now_shed - shed) / max(1, now_taken - taken + now_shed - shed):.1%}"
            ours, theirs = middle(found["mirrored"]), middle(found["plain"])
            if rate:
                share = ratio(found["mirrored"], found["plain"], "p99")
                sheet.add("shadow", f"tiny JSON, all mirrored, {words}: p99 / not", f"{share:.3f} ({ours.p99:.0f} / {theirs.p99:.0f} us; {told})",
                          "<= 1.02", share <= 1.02, ours.latency())
            else:
                share = ratio(found["mirrored"], found["plain"], "rate")
                sheet.add("shadow", f"tiny JSON, all mirrored, {words}: rate / not",
                          f"{share:.3f} ({ours.rate:.0f} / {theirs.rate:.0f} per s; {told})", "the model's own time", share >= 0.9, ours.latency())
            sheet.commands.append(ours.command)
        expect_state(mirrored, "observing")


def counted(server):
    """(requests that were mirrored, those that were shed)"""
    return tuple(metric(server, rf'slipway_mirrored_requests_total\{{[^}}]*outcome="{outcome}"[^}}]*\}}') for outcome in ("taken", "dropped"))
