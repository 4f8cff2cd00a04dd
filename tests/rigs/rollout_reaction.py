#!/usr/bin/env python3
"""rollout_reaction.py [--rollouts N | --long]: how long the server takes from the answer that decides to the rollback.

A candidate begins to fail in the middle of its canary, under requests that come one after the other. Of every rollout: from the
candidate's last answer that the decision counted to the decision, and to the candidate's last answer. What is measured is printed and
decides nothing; a rollout that does not go back fails. The negative control is a candidate that goes on answering well.
"""
import argparse
import contextlib
import datetime
import json
import statistics
import sys
import time

import figures
import packages
from fixture import Server, eventually

PLAN = """\
stages: [{canary: {weights: [50%], dwell: 1h, holdback: 0%}}]
metrics: [{name: error_rate, source: errors, margin_difference: 0.001}]
"""
GOOD, BAD = packages.nonce(7), packages.nonce(13)
MOST = 3_000
BEFORE = 100


def given_model(api, name):
    for constant, more in ((1, ""), (2, "fail_row nonce 13\n")):
        answer = api.push(packages.tar_gz(packages.echo(constant, name, model=more)), name)
        assert answer.status == 201 and answer.json["version"]["stage"].lower() == "validated", str(answer)
    api.deploy(name, 1)
    eventually(lambda: any(s["state"] == "ready" for s in api.serving(name).json["states"]), "version 1")


def asked(api, name, inputs):
    """Which version answered, and when. What fails is the candidate's."""
    answer = api.infer(name, inputs)
    return answer.headers.get("x-slipway-version", "1") if answer.status == 200 else "2", time.time()


def rolled_out(server, name, inputs):
    """When the candidate answered, and the decision to go back; none: it did not."""
    with contextlib.closing(server.api()) as api:
        given_model(api, name)
        started = api.post("/api/v1/rollouts", {"model": name, "candidates": ["2"], "plan": PLAN, "reason": "measured"})
        assert started.status == 201, str(started)
        where = f"/api/v1/rollouts/{started.json['rollout']}"
        eventually(lambda: api.get(where).json["state"] == "observing", "its step to be served")
        answers = [asked(api, name, GOOD) for _ in range(BEFORE)]
        for _ in range(MOST):
            answers.append(asked(api, name, inputs))
            if len(answers) > BEFORE + 300 and all(version == "1" for version, _ in answers[-100:]):
                break
        decisions = api.get(where + "/decisions?limit=500").json["decisions"]
        back = next((d for d in decisions if d["state"] == "restoring"), None)
        return [at for version, at in answers if version == "2"], back


def reaction(answered, back):
    at = datetime.datetime.fromisoformat(back["at"].replace("Z", "+00:00")).timestamp()
    counted = json.loads(back["evidence"])["arms"][1]["answers"]
    return 1e3 * (at - answered[counted - 1]), 1e3 * (answered[-1] - answered[counted - 1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rollouts", type=int, default=3)
    parser.add_argument("--long", action="store_true")
    arguments = parser.parse_args()
    wrong, measured = "", []
    with Server() as server:
        for i in range(50 if arguments.long else arguments.rollouts):
            answered, back = rolled_out(server, f"failing-{i}", BAD)
            if back is None:
                wrong = f"rollout {i + 1} did not go back"
                break
            measured.append(reaction(answered, back))
        _, control = rolled_out(server, "well", GOOD)
    for what, times in zip(("to the decision", "to the candidate's last answer"), zip(*measured)):
        print(f"from the last answer counted {what}: median {statistics.median(times):.1f} ms, most {max(times):.1f} ms, of {len(times)}")
    return figures.conclude([("a candidate that begins to fail is taken back", wrong),
                             ("one that answers well is not", "it was" if control else "")])


if __name__ == "__main__":
    sys.exit(main())
