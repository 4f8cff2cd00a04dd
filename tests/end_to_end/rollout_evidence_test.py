"""Rollouts that decide by themselves: the real server, real requests, versions that misbehave as told."""
import json
import random
import re
import unittest

import packages
from fixture import Server, WithServer, eventually

CANARY = """\
stages: [{canary: {weights: [20%, 50%, 100%], dwell: 0s, holdback: 0%}}]
alpha: 0.001
metrics:
"""
ERRORS = "- {name: error_rate, source: errors, margin_difference: 0.1}\n"
LATENCY = "- {name: latency, source: latency}\n"
CONSTANT = "- {name: constant, source: prediction, column: 1, direction: either_way}\n"
ACCURACY = "- {name: accuracy, source: outcome, feedback: label, direction: smaller_is_worse}\n"
OVER = ("completed", "aborted")
MOST_REQUESTS = 40_000
BATCH = 100


class Traffic:
    """Requests from a seed; a third of them has the nonce 13."""

    def __init__(self, server):
        self.api, self.random, self.sent = server.api(), random.Random(5), 0
        self.statuses = {}

    def send(self, model, count=BATCH):
        """The ids of the answers, and which versions they name; none where it failed."""
        answered = []
        for _ in range(count):
            self.sent += 1
            answer = self.api.infer(model, packages.nonce(13 if self.random.random() < 1 / 3 else 7))
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            answered.append((answer.headers["x-request-id"], answer.json.get("model_version")))
        return answered


def given_model(test, name, bad_model="# made again", constant=1):
    test.given_version(packages.tar_gz(packages.echo(1, name)), name)
    test.given_version(packages.tar_gz(packages.echo(constant, name, model=bad_model)), name)
    test.given_live(name, 1)


def begin(api, name, plan):
    answer = api.post("/api/v1/rollouts", {"model": name, "candidates": ["2"], "plan": plan, "reason": "new features"})
    assert answer.status == 201, str(answer)
    return answer.json["rollout"]


def standing(api, number):
    return api.get(f"/api/v1/rollouts/{number}").json


class ByItself(WithServer):
    def roll_out(self, name, plan, after=lambda answered: None):
        """Serves until the rollout is over: how it stands then."""
        number, traffic = begin(self.api, name, plan), Traffic(self.server)
        eventually(lambda: standing(self.api, number)["state"] == "observing", "its first step to be served")
        while traffic.sent < MOST_REQUESTS:
            after(traffic.send(name))
            found = standing(self.api, number)
            if found["state"] in OVER:
                return found
        self.fail(f"expected an end after {traffic.sent} requests, found {json.dumps(found, indent=1)}")

    def split(self, name):
        return {s["version"]: s["share"] for s in self.api.serving(name).json["split"]}

    def decisions(self, number):
        return self.api.get(f"/api/v1/rollouts/{number}/decisions?limit=500").json["decisions"]

    def assert_back(self, found, name, reason):
        self.assertEqual(found["state"], "aborted", found["reason"])
        self.assertRegex(found["reason"], f"version 2 does harm: {reason}")
        self.assertEqual(self.split(name), {1: 10000})

    def test_an_equal_version_is_promoted(self):
        given_model(self, "equal")
        found = self.roll_out("equal", CANARY + ERRORS + CONSTANT)
        self.assertEqual((found["state"], found["winner"]), ("completed", 2), found["reason"])
        self.assertEqual(self.split("equal"), {2: 10000})
        weights = [d["wants"][-1]["share"] for d in self.decisions(found["rollout"])[::-1] if d["state"] == "applying"]
        self.assertEqual(weights, [2000, 5000])

    def test_a_version_that_fails_is_rolled_back(self):
        given_model(self, "failing", "fail_row nonce 13")
        self.assert_back(self.roll_out("failing", CANARY + ERRORS), "failing", "error_rate is worse|fuse")

    def test_a_slow_version_is_rolled_back(self):
        given_model(self, "slow", "cost 4000 0")
        self.assert_back(self.roll_out("slow", CANARY + LATENCY), "slow", "latency is worse")

    def test_a_version_that_predicts_something_else_is_rolled_back(self):
        given_model(self, "shifted", constant=2)
        self.assert_back(self.roll_out("shifted", CANARY + CONSTANT), "shifted", "constant is worse")

    def test_a_version_whose_answers_turn_out_wrong_is_rolled_back(self):
        given_model(self, "wrong")
        right = random.Random(6)

        def tell(answered):
            outcomes = [{"request_id": request, "kind": "label", "value": int(right.random() < (0.5 if version == "2" else 0.9))}
                        for request, version in answered]
            answer = self.api.post("/api/v1/feedback", {"outcomes": outcomes})
            self.assertEqual(answer.status, 200, str(answer))
            self.assertNotIn("refused", {each["result"] for each in answer.json["results"]}, str(answer))
        self.assert_back(self.roll_out("wrong", CANARY + ACCURACY, tell), "wrong", "accuracy is worse")

    def test_a_decision_says_what_it_was_made_of(self):
        given_model(self, "told", "fail_row nonce 13")
        found = self.roll_out("told", CANARY + ERRORS)
        back = next(d for d in self.decisions(found["rollout"]) if d["state"] == "restoring")
        inputs = json.loads(back["evidence"]) if isinstance(back["evidence"], str) else back["evidence"]
        self.assertEqual([arm["version"] for arm in inputs["arms"]], [1, 2])
        candidate = inputs["candidates"][0]
        self.assertEqual(candidate["verdict"], "fail")
        self.assertIn(candidate["reason"], back["reason"])
        self.assertGreater(inputs["arms"][1]["answers"], 9)

    def test_harm_in_one_slice_is_found_and_named(self):
        given_model(self, "sliced", "fail_row nonce 13")
        slices = "slices: [nonce=13, nonce=7, country=DE]\nslice_columns: {nonce: input nonce}\nfuse: off\n"
        number, traffic = begin(self.api, "sliced", CANARY + ERRORS + slices), Traffic(self.server)
        eventually(lambda: standing(self.api, number)["state"] == "observing", "its first step to be served")
        while standing(self.api, number)["state"] not in OVER and traffic.sent < MOST_REQUESTS:
            for _ in range(20):
                traffic.send("sliced", 1)
                for _ in range(2):  # what both versions refuse, twice as often as all the rest: it hides what one of them does
                    self.assertEqual(traffic.api.infer("sliced", {"nonce": ("FP32", [1, 1], [1.5])}).status, 400)
        found = standing(self.api, number)
        self.assert_back(found, "sliced", "error_rate is worse.*worst in error_rate in slice nonce=13")
        self.assertNotIn("slices", json.dumps(self.api.serving("sliced").json), "the model's rule is as it was")

    def test_plans_that_no_evidence_can_be_gathered_for_are_refused(self):
        given_model(self, "refused")
        body = {"model": "refused", "candidates": ["2"], "plan": CANARY + ERRORS + "slices: [Germany]\n", "reason": "x"}
        self.assert_refused(self.api.post("/api/v1/rollouts", body), 400, "slices: expected COLUMN=VALUE, such as country=DE")


class Restarted(unittest.TestCase):
    def test_after_a_restart_every_answer_counts_once(self):
        with Server() as server:
            test = WithServer()
            test.server, test.api = server, server.api()
            given_model(test, "kept")
            number = begin(test.api, "kept", CANARY + ERRORS.replace("0.1}", "0.0001, minimum_sample: 20}"))
            eventually(lambda: standing(test.api, number)["state"] == "observing", "its first step to be served")
            counted = lambda: sum(map(int, re.findall(r"(?:candidate|control) \d+ of (\d+)", standing(server.api(), number)["holding"])))
            sent = 0
            for with_kill in (False, True, False):
                traffic = Traffic(server)
                traffic.send("kept", 300)
                sent += 300
                eventually(lambda: counted() == sent, lambda: f"{sent} answers, found {standing(server.api(), number)['holding']}")
                if with_kill:
                    server.kill9()
                    server.start()
                else:
                    server.restart()
                eventually(lambda: counted() == sent, lambda: f"{sent} answers, found {standing(server.api(), number)['holding']}")


if __name__ == "__main__":
    unittest.main()
