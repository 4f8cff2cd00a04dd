#!/usr/bin/env python3
"""rollout_phases.py [--long]: kill -9 in every phase of a rollout, one after the other, by name.

In a phase that lasts, the restarted server has to stand where the killed one stood: state, step, traffic, mirror, pause and decisions, and the traffic has
to be served. In a phase that passes by itself, the server is killed as soon as the command that leads there is acknowledged: the command
has to be among the decisions, once, and the rollout has to come to where it leads. What was found on the disk is told; the long form kills again until
each passing phase was met there. The negative control changes a record while the server is dead, and must be found out.
"""
import argparse
import collections
import contextlib
import dataclasses
import sqlite3
import sys

import figures
import packages
from api import outputs_of
from fixture import Server, eventually
from rollout_kill import MODEL, prepare, states_on_disk
from rollouts_test import CANARY, Rolling

WARMING = "stages: [{blue_green: {warm: 1h, keep: 1h}}]"
SWITCHED = "stages: [{blue_green: {warm: 0s, keep: 1h}}]"
HOLDBACK = "stages: [{canary: {weights: [10%, 100%], dwell: 0s, holdback: 1%, holdback_for: 24h}}]"
SHADOW = "stages: [{shadow: {mirrored: 100%, dwell: 0s}}, {blue_green: {warm: 0s, keep: 0s}}]"
GATED = "stages: [{blue_green: {warm: 0s, keep: 0s}}, {blue_green: {warm: 0s, keep: 0s}, approval: true}]"
HARMED = "stages: [{canary: {weights: [50%], dwell: 1h}}]\nmetrics: [{name: error_rate, source: errors}]"
FAILING, FAILS_AT = 4, 13  # a version, and what it fails at
BANDIT = "stages: [{bandit: {policy: thompson_bernoulli}}]"
PROMOTE, TO_THE_END = ("promote", {}), ("promote", {"to": "end"})
MOST_TRIES, MOST_REQUESTS = 60, 5_000
SEEN = ("state", "step", "wants", "paused", "decisions", "winner", "reason")


@dataclasses.dataclass(frozen=True)
class Lasting:
    """`commands` lead to a phase that stays."""
    name: str
    plan: str
    commands: tuple
    share: int  # the candidate's
    state: str = "observing"


@dataclasses.dataclass(frozen=True)
class Passing:
    """`command` (of nobody: harm) leads through the state `met` to `state`, with this split."""
    name: str
    plan: str
    command: tuple
    met: str
    state: str
    split: dict
    candidate: int = 2


LASTING = (
    Lasting("warming", WARMING, (), 0),
    Lasting("first step of a canary", CANARY, (), 1_000),
    Lasting("second step of a canary", CANARY, (PROMOTE,), 5_000),
    Lasting("holdback", HOLDBACK, (PROMOTE,), 9_900),
    Lasting("in the shadow", SHADOW, (), 0),
    Lasting("behind the shadow, switched", SHADOW.replace("keep: 0s", "keep: 1h"), (PROMOTE,), 10_000),
    Lasting("switched", SWITCHED, (), 10_000),
    Lasting("waiting for an approval", GATED, (), 10_000, "awaiting_approval"),
    Lasting("paused", CANARY, (("pause", {}),), 1_000),
    Lasting("at a weight set by hand", CANARY, (("weight", {"weight": 2_500}),), 2_500),
    Lasting("bandit", BANDIT, (), 5_000),
    Lasting("second of four parts", "stages: [{rolling: {parts: 4, dwell: 0s}}]", (PROMOTE,), 5_000),
    Lasting("a challenger's first step", "preset: champion_challenger", (), 1_000),
    Lasting("an A/B test", "preset: ab_test", (), 5_000),
)
PASSING = (
    Passing("planned", CANARY, ("start", {}), "applying", "observing", {1: 9_000, 2: 1_000}),
    Passing("a step that is applied", CANARY, PROMOTE, "applying", "observing", {1: 5_000, 2: 5_000}),
    Passing("a switch that is applied", WARMING, PROMOTE, "applying", "observing", {1: 0, 2: 10_000}),
    Passing("drill", CANARY, ("drill", {}), "applying", "observing", {1: 9_000, 2: 1_000}),
    Passing("completing", CANARY, TO_THE_END, "completing", "completed", {2: 10_000}),
    Passing("aborting", CANARY, ("abort", {}), "restoring", "aborted", {1: 10_000}),
    Passing("going back by itself", HARMED, ("harm", {}), "restoring", "aborted", {1: 10_000}, FAILING),
)


class Yard:
    """One server that is killed again and again, and one model. Raises AssertionError where a wait has no end."""

    def __init__(self, server):
        self.server, self.rolling, self.said = server, Rolling(server.api()), 0

    def say(self, number, command, more):
        """Acknowledged, by a reason of its own."""
        self.said += 1
        reason = f"reason {self.said}"
        if command == "start":
            return self.rolling.started(MODEL, number, reason=reason), reason
        self.rolling.said(number, command, reason=reason, **more)
        return number, reason

    def harm(self, number):
        """Until the server goes back; by then it may be back."""
        for _ in range(MOST_REQUESTS):
            assert self.rolling.api.infer(MODEL, packages.nonce(FAILS_AT)).status in (200, 400)
            if self.rolling.standing(number)["state"] != "observing":
                return
        raise AssertionError(f"expected an end of {self.rolling.standing(number)}")

    def kill(self):
        self.server.kill9()
        states = states_on_disk(self.server)
        return states[0] if states else "over"

    def start_again(self):
        self.server.start()
        self.rolling = Rolling(self.server.api())

    def seen(self, number):
        serving = self.rolling.api.serving(MODEL).json
        return {key: self.rolling.standing(number)[key] for key in SEEN} | {key: serving[key] for key in ("split", "mirror", "revision")}

    def wrong_answers(self):
        """Of versions without a share, or none."""
        split, found = self.rolling.split(MODEL), collections.Counter()
        for _ in range(20):
            answer = self.rolling.api.infer(MODEL, packages.nonce(7))
            version = outputs_of(answer)["constant"][0] if answer.status == 200 else str(answer)
            if not split.get(version):
                found[version] += 1
        return f"{dict(found)} answered, {split} is served" if found else ""

    def wrong_decisions(self, number, reason):
        made = self.rolling.decisions(number)
        if [d["number"] for d in made] != list(range(1, len(made) + 1)):
            return f"expected decisions without a gap, found {[d['number'] for d in made]}"
        times = sum(d["reason"].endswith(reason) for d in made if d["actor"])
        return "" if not reason or times == 1 else f"{reason} was acknowledged and is there {times} times"

    def clear(self, number):
        """Back to version 1 alone."""
        found = self.rolling.standing(number)["state"]
        if found not in ("aborted", "completed"):
            self.rolling.said(number, "abort")
            self.rolling.wait(number, "aborted")
        elif found == "completed":
            assert self.rolling.api.deploy(MODEL, 1).status == 200


def killed_in(yard, phase, spoil=None):
    """What is wrong after a kill in a phase that lasts."""
    number = yard.rolling.started(MODEL, phase.plan)
    for command, more in phase.commands:
        yard.rolling.wait(number, "observing")
        yard.say(number, command, more)
    yard.rolling.wait(number, phase.state, phase.share)
    queued = yard.rolling.started(MODEL, CANARY, candidates=["3"], queue="yes")
    before, waiting = yard.seen(number), yard.seen(queued)
    yard.server.kill9()
    if spoil:
        spoil(yard.server)
    yard.start_again()
    wrong = yard.wrong_decisions(number, "") or yard.wrong_answers()
    for of, was in ((number, before), (queued, waiting)):
        changed = {key: (was[key], now) for key, now in yard.seen(of).items() if now != was[key]}
        wrong = wrong or (f"rollout {of} was and is {changed}" if changed else "")
    yard.clear(queued)
    yard.clear(number)
    return wrong


def killed_on_the_way(yard, phase):
    """(what is wrong, the state that was met on the disk)."""
    command, more = phase.command
    if command == "start":
        number, reason = yard.say(phase.plan, command, more)
    else:
        number = yard.rolling.started(MODEL, phase.plan, candidates=[str(phase.candidate)])
        yard.rolling.wait(number, "observing")
        if command == "harm":
            yard.harm(number)
            reason = ""
        else:
            _, reason = yard.say(number, command, more)
    met = yard.kill()
    yard.start_again()
    found = yard.rolling.wait(number, phase.state)
    if phase.state == "observing":
        found = yard.rolling.wait(number, phase.state, phase.split[2])
    wrong = yard.wrong_decisions(number, reason) or yard.wrong_answers()
    if command == "harm" and "does harm" not in found["reason"]:
        wrong = wrong or f"expected harm to be the reason, found {found['reason']}"
    if yard.rolling.split(MODEL) != phase.split:
        wrong = wrong or f"expected {phase.split} to be served, found {yard.rolling.split(MODEL)}: {found['reason']}"
    yard.clear(number)
    return wrong, met


def put_one_step_back(server):
    with contextlib.closing(sqlite3.connect(server.data / "rollouts.db")) as database:
        database.execute("UPDATE rollout SET position = 0, wanted = '1=9000 2=1000' WHERE is_open = 1 AND state = 'observing'")
        database.commit()


def until_met(yard, phase, most):
    """Kills until the state was met, or as often as may be: what is wrong, in words of what was met."""
    met = collections.Counter()
    for _ in range(most):
        wrong, found = killed_on_the_way(yard, phase)
        met[found] += 1
        if wrong or met[phase.met]:
            break
    print(f"killed in {phase.name}: {dict(met)}", flush=True)
    return wrong or ("" if met[phase.met] or most == 1 else f"expected {phase.met} on the disk, found {dict(met)}")


def guarded(kill, *arguments):
    """A wait without an end is something wrong too."""
    try:
        return kill(*arguments)
    except AssertionError as endless:
        return str(endless)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    cases = []
    server = Server(options=("--log-level", "warning"))
    try:
        server.start()
        prepare(server)
        yard = Yard(server)
        failing = yard.rolling.api.push(packages.tar_gz(packages.echo(FAILING, MODEL, f"fail_row nonce {FAILS_AT}\n")), MODEL)
        if failing.status != 201:
            raise SystemExit(f"expected version {FAILING}, found {failing}")
        for phase in LASTING:
            cases.append((f"killed {phase.name}, it stands where it stood", guarded(killed_in, yard, phase)))
        for phase in PASSING:
            wrong = guarded(until_met, yard, phase, MOST_TRIES if options.long else 1)
            cases.append((f"killed in {phase.name}, it comes to where it leads", wrong))
        second = LASTING[2]
        found = guarded(killed_in, yard, second, put_one_step_back)
        cases.append(("control: a record that was put one step back is found out", "" if found else "expected a difference, found none"))
    finally:
        server.close()
    return figures.conclude(cases)


if __name__ == "__main__":
    sys.exit(main())
