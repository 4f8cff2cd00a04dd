#!/usr/bin/env python3
"""rollout_reaction.py [--rollouts N | --long]: how long the server takes from the answer that decides to the rollback.

A candidate begins to fail in the middle of its canary, under requests that come one after the other. Which answer decides is told by `slipway
rollout judge`, which is given the same answers one by one. Of every rollout: from there to the decision, to what is served being written, to its being
served, and to the candidate's last answer. What is measured is printed; the long form, on a quiet machine, asks for the candidate's last answer within 100 ms. A rollout that does not go
back fails. The negative control is a candidate that goes on answering well.
"""
import argparse
import contextlib
import dataclasses
import datetime
import json
import statistics
import sys
import time

import figures
import packages
from fixture import Server, eventually, run

PLAN = """\
stages: [{canary: {weights: [50%], dwell: 1h, holdback: 0%}}]
metrics: [{name: error_rate, source: errors, margin_difference: 0.001}]
fuse: off
"""
GOOD, BAD = packages.nonce(7), packages.nonce(13)
MOST = 3_000
BEFORE = 100
LONGEST_MS = 100
STAGES = ("the decision", "its traffic being written", "its traffic being served", "the candidate's last answer")


def given_model(api, name):
    for constant, more in ((1, ""), (2, "fail_row nonce 13\n")):
        answer = api.push(packages.tar_gz(packages.echo(constant, name, model=more)), name)
        assert answer.status == 201 and answer.json["version"]["stage"].lower() == "validated", str(answer)
    api.deploy(name, 1)
    eventually(lambda: any(s["state"] == "ready" for s in api.serving(name).json["states"]), "version 1")


@dataclasses.dataclass(frozen=True)
class Asked:
    """One answer: whose it was (only the candidate fails), and when it came."""
    version: str
    at: float
    is_error: bool


def asked(api, name, inputs):
    answer = api.infer(name, inputs)
    at, is_error = time.time(), answer.status != 200
    return Asked("2" if is_error else answer.json["model_version"], at, is_error)


def rolled_out(server, name, inputs):
    """All answers, what was decided by state, and when traffic was written; none: it did not go back."""
    with contextlib.closing(server.api()) as api:
        given_model(api, name)
        started = api.post("/api/v1/rollouts", {"model": name, "candidates": ["2"], "plan": PLAN, "reason": "measured"})
        assert started.status == 201, str(started)
        where = f"/api/v1/rollouts/{started.json['rollout']}"
        eventually(lambda: api.get(where).json["state"] == "observing", "its step to be served")
        answers = [asked(api, name, GOOD) for _ in range(BEFORE)]
        for _ in range(MOST):
            answers.append(asked(api, name, inputs))
            if len(answers) > BEFORE + 300 and all(answer.version == "1" for answer in answers[-100:]):
                break
        decisions = api.get(where + "/decisions?limit=500").json["decisions"]
        if not any(d["state"] == "restoring" for d in decisions):
            return None
        eventually(lambda: api.get(where).json["state"] == "aborted", "its end")
        made = {d["state"]: d for d in api.get(where + "/decisions?limit=500").json["decisions"]}
        written = max(e["at"] for e in api.events(name) if e["action"] == "deploy")
        return answers, made, written


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def deciding(folder, answers):
    """The answer with which the evidence, looked at after each, says to roll back."""
    trace, plan = folder / "trace.jsonl", folder / "plan.yaml"
    arms = {"1": "control", "2": "candidate"}
    trace.write_text("".join(json.dumps({"t": a.at, "arm": arms[a.version], "p": 0.5, "error": a.is_error}) + "\n" for a in answers))
    plan.write_text(PLAN)
    told = [json.loads(line) for line in run("rollout", "judge", "--plan", plan, "--trace", trace, "--json").stdout.splitlines()]
    return answers[next(each["line"] for each in told if each["verdict"] == "roll_back") - 1]


def reaction(folder, answers, made, written):
    """Milliseconds from the answer that decided to each of STAGES."""
    last = [answer.at for answer in answers if answer.version == "2"][-1]
    ends = (seconds_of(made["restoring"]["at"]), seconds_of(written), seconds_of(made["aborted"]["at"]), last)
    decided = deciding(folder, answers).at
    return [1e3 * (at - decided) for at in ends]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rollouts", type=int, default=3)
    parser.add_argument("--long", action="store_true")
    arguments = parser.parse_args()
    wrong, measured = "", []
    with Server() as server:
        for i in range(50 if arguments.long else arguments.rollouts):
            found = rolled_out(server, f"failing-{i}", BAD)
            if found is None:
                wrong = f"rollout {i + 1} did not go back"
                break
            measured.append(reaction(server.folder, *found))
        control = rolled_out(server, "well", GOOD)
    for stage, times in zip(STAGES, zip(*measured)):
        print(f"from the answer that decided to {stage}: median {statistics.median(times):.1f} ms, most {max(times):.1f} ms, of {len(times)}")
    cases = [("a candidate that begins to fail is taken back", wrong), ("one that answers well is not", "it was" if control else "")]
    if arguments.long and not wrong:
        longest = max(times[-1] for times in measured)
        cases.append((f"the last of its answers comes {longest:.1f} ms after the one that decided", "" if longest <= LONGEST_MS else f"expected {LONGEST_MS} ms at most"))
    return figures.conclude(cases)


if __name__ == "__main__":
    sys.exit(main())
