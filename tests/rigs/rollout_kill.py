#!/usr/bin/env python3
"""rollout_kill.py [--kills N | --long] [--seed N]: kill -9 in the middle of rollouts, in every state, again and again.

A driver starts rollouts and has a say in them as fast as it is answered; the server is killed at a random moment and started again
on the same data. After every start: each command that was acknowledged is one decision; decisions are numbered without a gap;
the traffic that was served is, in order and each once, what the decisions wanted, but for what an abort overruled; every
decision is one event of the history; what is open comes to rest at its step, and its split answers. The negative control puts the
store of rollouts back to where it was one kill before, and must be found out.
"""
import argparse
import collections
import contextlib
import http.client
import pathlib
import random
import re
import shutil
import sqlite3
import sys
import threading
import time

import figures
import packages
from api import outputs_of
from fixture import Server, eventually

MODEL = "fraud"
CANARY = "stages: [{canary: {weights: [10%, 50%, 100%], dwell: 0s, holdback: 0%}}]"
SWITCH = "stages: [{blue_green: {warm: 0s, keep: 0s}}]"
GATED = "stages: [{blue_green: {warm: 0s, keep: 0s}}, {blue_green: {warm: 0s, keep: 0s}, approval: true}]\napproval_to_complete: true"
PASSING = {"applying", "completing", "restoring"}
SHORTEST_S, LONGEST_S = 0.005, 0.25
CONTROL_KILLS = 6


class Driver(threading.Thread):
    """Speaks until the connection breaks. Every reason is its own, so that each command is found again."""

    def __init__(self, server, chance, prefix):
        super().__init__(daemon=True)
        self._api, self._eva = server.api(), server.api(server.eva)
        self._chance, self._prefix = chance, prefix
        self._said = 0
        self.acknowledged = []  # (rollout, action, reason)
        self.refused = ""

    def run(self):
        try:
            while not self.refused:
                self._turn()
        except (OSError, http.client.HTTPException):
            pass

    def _turn(self):
        standing = [r for r in self._api.get("/api/v1/rollouts?limit=5").json["rollouts"] if r["state"] not in ("aborted", "completed")]
        if not standing or (len(standing) < 2 and self._chance.random() < 0.1):
            plan = self._chance.choice((CANARY, CANARY, SWITCH, GATED))
            serves = self._api.serving(MODEL).json["split"][-1]["version"]
            candidate = self._chance.choice([v for v in (1, 2, 3) if v != (standing[-1]["candidates"][0] if standing else serves)])
            self._say("start", "/api/v1/rollouts", {"model": MODEL, "candidates": [str(candidate)], "plan": plan, "queue": "yes"})
            return
        rollout = self._chance.choice(standing)["rollout"]
        action, more = self._chance.choice((("promote", {}), ("promote", {}), ("promote", {"to": "end"}), ("pause", {}), ("resume", {}),
                                            ("weight", {"weight": self._chance.randrange(1, 10_000)}), ("approve", {}), ("abort", {})))
        self._say(action, f"/api/v1/rollouts/{rollout}/{action}", more)

    def _say(self, action, path, body):
        self._said += 1
        reason = f"{self._prefix}-{self._said}"
        answer = (self._eva if action == "approve" else self._api).post(path, {**body, "reason": reason})
        if answer.status in (200, 201):
            self.acknowledged.append((answer.json["rollout"], action, reason))
        elif answer.status not in (400, 403, 409):
            self.refused = f"{action}: {answer}"


class Aftermath:
    """One thread. What a restarted server says of its rollouts, held against what was acknowledged and against itself."""

    def __init__(self, server):
        self._server = server
        self.problems, self.lost = [], 0
        self._promised = collections.defaultdict(list)  # rollout -> (action, reason)
        self._resting = set()                           # rollouts that are over and were checked
        self.decisions = 0

    def promise(self, acknowledged):
        for rollout, action, reason in acknowledged:
            self._promised[rollout].append((action, reason))

    def check(self):
        with contextlib.closing(self._server.api()) as api:
            numbers = [r["rollout"] for r in api.get("/api/v1/rollouts?limit=500").json["rollouts"]]
            for rollout in sorted(set(numbers) | set(self._promised)):
                if rollout in self._resting:
                    continue
                if rollout not in numbers:
                    self._lose(f"rollout {rollout} was acknowledged and is not there")
                    continue
                self._check_one(api, rollout)
            split = {s["version"]: s["share"] for s in api.serving(MODEL).json["split"]}
            answer = api.infer(MODEL, packages.nonce(7))
            if answer.status != 200 or not split.get(outputs_of(answer)["constant"][0]):
                self.problems.append(f"expected an answer of {split}, found {answer}")

    def _lose(self, what):
        self.lost += 1
        self.problems.append("lost: " + what)

    def _check_one(self, api, rollout):
        try:
            found = eventually(lambda: self._at_rest(api, rollout), "rest", 10)
        except AssertionError:
            found = api.get(f"/api/v1/rollouts/{rollout}").json
            self.problems.append(f"expected rollout {rollout} to come to rest, found {found['state']}: {found['holding'] or found['reason']}")
            return
        made = self._decisions(api, rollout)
        said = collections.Counter(d["reason"].rsplit(": ", 1)[-1] for d in made if d["actor"])
        for action, reason in self._promised[rollout]:
            if said[reason] != 1:
                self._lose(f"{action} {reason} of rollout {rollout} was acknowledged and is there {said[reason]} times")
        numbers = [d["number"] for d in made]
        if numbers != list(range(1, len(made) + 1)):
            self.problems.append(f"rollout {rollout}: expected decisions without a gap, found {numbers}")
        events = [e for e in api.events(MODEL)[::-1] if e["subject"].startswith(f"rollout {rollout} in ")]
        if [e["reason"] for e in events] != [d["reason"] for d in made]:
            self.problems.append(f"rollout {rollout}: {len(made)} decisions, the history has {[e['reason'] for e in events]}")
        self._check_traffic(api, rollout, made)
        if found["state"] in ("aborted", "completed"):
            self._resting.add(rollout)
            self.decisions += len(made)

    def _at_rest(self, api, rollout):
        found = api.get(f"/api/v1/rollouts/{rollout}").json
        told = [e for e in api.get(f"/api/v1/history?model={MODEL}&limit=1000").json["events"] if e["subject"].startswith(f"rollout {rollout} in ")]
        return found if found["state"] not in PASSING and len(told) >= found["decisions"] else None

    @staticmethod
    def _decisions(api, rollout):
        made, before = [], 0
        while True:
            page = api.get(f"/api/v1/rollouts/{rollout}/decisions?limit=500" + (f"&before={before}" if before else "")).json
            made += page["decisions"]
            if page["next"] is None:
                return made[::-1]
            before = page["next"]

    def _check_traffic(self, api, rollout, made):
        """What was served in its name, against what it wanted."""
        served = [traffic_in(e["to"]) for e in api.events(MODEL)[::-1] if e["action"] == "deploy" and e["actor"] == f"rollout {rollout}"]
        now, wanted = None, None
        for i, decision in enumerate(made):
            wants = {w["version"]: w["share"] for w in decision["wants"]}
            if now is None or wants == wanted:
                now, wanted = now or wants, wants
                continue
            wanted = wants
            if wants == now:
                continue
            if served and served[0] == wants:
                now = served.pop(0)
            elif i + 1 == len(made) or made[i + 1]["action"] != "abort":
                self.problems.append(f"rollout {rollout}: decision {decision['number']} wanted {wants}, found {served[:1]} served")
                return
        if served:
            self.problems.append(f"rollout {rollout}: {served} was served and no decision wanted it")


def traffic_in(text):
    """"version 1 at 90 %, version 2 at 10 %" as version -> basis points."""
    found = re.findall(r"version (\d+)(?: at ([\d.]+) %)?", text)
    return {int(version): round(float(share or 100) * 100) for version, share in found}


def states_on_disk(server):
    """Requires: the server is dead. On a copy: the server repairs its files itself."""
    folder = server.folder / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in server.data.glob("rollouts.db*"):
        shutil.copy(path, folder)
    with contextlib.closing(sqlite3.connect(folder / "rollouts.db")) as database:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise SystemExit("rollouts.db is damaged")
        return [state for state, in database.execute("SELECT state FROM rollout WHERE is_open = 1")]


def prepare(server):
    api = server.api()
    for constant in (1, 2, 3):
        answer = api.push(packages.tar_gz(packages.echo(constant, MODEL)), MODEL)
        if answer.status != 201:
            raise SystemExit(f"expected version {constant}, found {answer}")
    if api.deploy(MODEL, 1).status != 200:
        raise SystemExit("cannot deploy")
    server.eva = api.post("/api/v1/tokens", {"name": "eva", "role": "approver"}).json["secret"]


def put_back(server, kept):
    """The store as it was at the last kill, and what there is now for the next time."""
    now = {path.name: path.read_bytes() for path in server.data.glob("rollouts.db*")}
    if kept:
        for name in now:
            (server.data / name).unlink()
        for name, content in kept.items():
            (server.data / name).write_bytes(content)
        return kept
    return now


def kill_rounds(kills, seed, loses_what_it_stored=False):
    """Runs until `kills` or the first problem: (the Aftermath, kills done, acknowledged, states met)."""
    chance = random.Random(seed)
    server = Server(options=("--log-level", "warning"))
    acknowledged, states, kept = collections.Counter(), collections.Counter(), {}
    try:
        server.start()
        prepare(server)
        aftermath = Aftermath(server)
        done = 0
        while done < kills and not aftermath.problems:
            driver = Driver(server, random.Random(chance.random()), f"k{done}")
            driver.start()
            time.sleep(chance.uniform(SHORTEST_S, LONGEST_S))  # the moment of the kill is what the rig is about
            server.kill9()
            driver.join()
            done += 1
            if driver.refused:
                aftermath.problems.append(driver.refused)
            aftermath.promise(driver.acknowledged)
            acknowledged.update(action for _, action, _ in driver.acknowledged)
            if (server.data / "rollouts.db").exists():
                states.update(states_on_disk(server))
            if loses_what_it_stored:
                kept = put_back(server, kept)
            server.start()
            aftermath.check()
        return aftermath, done, acknowledged, states
    finally:
        server.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--long", action="store_const", dest="kills", const=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")

    began = time.monotonic()
    aftermath, kills, acknowledged, states = kill_rounds(options.kills, options.seed)
    print(f"{kills} kills in {time.monotonic() - began:.0f} s; acknowledged: {dict(acknowledged)}; killed in: {dict(states)}; "
          f"{aftermath.decisions} decisions of rollouts that are over")
    print(figures.bound(aftermath.lost, acknowledged.total(), "acknowledged commands lost"))
    wrong = "; ".join(aftermath.problems[:5])
    if not wrong and not acknowledged["start"]:
        wrong = "expected rollouts that were started, found none"
    if not wrong and options.kills >= 100 and not PASSING <= set(states):
        wrong = f"expected kills in each of {sorted(PASSING)}, found {dict(states)}"

    control, control_kills, *_ = kill_rounds(CONTROL_KILLS, options.seed, loses_what_it_stored=True)
    print(f"control: {control.lost} lost found within {control_kills} kills")
    return figures.conclude([
        (f"every rollout goes on at its step after {kills} kills", wrong),
        ("control: a store that forgets is found out", "" if control.lost else "expected lost commands, found none"),
    ])


if __name__ == "__main__":
    sys.exit(main())
