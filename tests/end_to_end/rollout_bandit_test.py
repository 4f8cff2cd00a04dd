"""Bandits in the real server: the arm that pays gets the traffic, and no reward buys a way past a guardrail."""
import json
import random
import unittest

import packages
from fixture import WithServer, eventually
from rollout_evidence_test import OVER, Traffic, standing

BANDIT = """\
stages: [{bandit: {policy: thompson_bernoulli, floor: 5%, largest_move: 60%, update_every: 10s, least_rewards: 20, dwell: 11s}}]
alpha: 0.001
metrics: [{name: error_rate, source: errors, margin_difference: 0.1}]
"""
SOON = BANDIT.replace("dwell: 11s", "dwell: 1s")  # harm shows long before anything passes
FLOOR = 500
MOST_REQUESTS = 60_000


class Bandits(WithServer):
    def roll_out(self, name, pays, plan=BANDIT, fails=()):
        """Three versions, rewarded with these chances, until the rollout is over; the versions in `fails` fail a third of the requests."""
        for version in (1, 2, 3):
            more = "fail_row nonce 13" if version in fails else f"# {version}"
            self.given_version(packages.tar_gz(packages.echo(version, name, model=more)), name)
        self.given_live(name, 1)
        body = {"model": name, "candidates": ["2", "3"], "plan": plan, "reason": "which pays best"}
        started = self.api.post("/api/v1/rollouts", body)
        self.assertEqual(started.status, 201, str(started))
        self.number, chance = started.json["rollout"], random.Random(11)
        traffic = Traffic(self.server)
        eventually(lambda: standing(self.api, self.number)["state"] == "observing", "its step to be served")
        while traffic.sent < MOST_REQUESTS:
            rewards = [{"request_id": request, "kind": "reward", "value": int(chance.random() < pays[int(version)])}
                       for request, version in traffic.send(name) if version]
            told = self.api.post("/api/v1/feedback", {"outcomes": rewards})
            self.assertEqual(told.status, 200, str(told))
            found = standing(self.api, self.number)
            if found["state"] in OVER:
                return found
        self.fail(f"expected an end after {traffic.sent} requests, found {json.dumps(found, indent=1)}")

    def decisions(self):
        """Oldest first."""
        return self.api.get(f"/api/v1/rollouts/{self.number}/decisions?limit=500").json["decisions"][::-1]

    def shares(self, decision):
        return {w["version"]: w["share"] for w in decision["wants"]}

    def test_the_better_arm_gets_the_traffic_while_the_guardrail_holds(self):
        found = self.roll_out("pays", {1: 0.2, 2: 0.4, 3: 0.9})
        self.assertEqual((found["state"], found["winner"]), ("completed", 3), found["reason"])
        moved = [d for d in self.decisions() if d["reason"] == "the rewards so far move the weights"]
        self.assertTrue(moved, "expected weights that follow the rewards")
        shares = self.shares(moved[-1])
        self.assertEqual(max(shares, key=shares.get), 3, shares)
        self.assertGreaterEqual(min(shares.values()), FLOOR, "every arm keeps its floor")
        self.assertEqual({s["version"]: s["share"] for s in self.api.serving("pays").json["split"]}, {3: 10_000})

    def test_an_arm_that_pays_best_and_breaks_the_guardrail_gets_nothing_and_the_others_go_on(self):
        found = self.roll_out("breaks", {1: 0.2, 2: 0.5, 3: 1.0}, SOON, fails=(3,))
        self.assertEqual((found["state"], found["winner"]), ("completed", 2), found["reason"])
        made = self.decisions()
        at = next(i for i, d in enumerate(made) if d["reason"].startswith("version 3 does harm: "))
        self.assertTrue(all(self.shares(d).get(3, 0) == 0 for d in made[at:]), "and nothing ever again")
        self.assertGreater(self.shares(made[at])[2], 0)

    def test_a_bandit_whose_only_candidate_breaks_the_guardrail_is_rolled_back(self):
        name = "alone"
        self.given_version(packages.tar_gz(packages.echo(1, name)), name)
        self.given_version(packages.tar_gz(packages.echo(2, name, model="fail_row nonce 13")), name)
        self.given_live(name, 1)
        started = self.api.post("/api/v1/rollouts", {"model": name, "candidates": ["2"], "plan": BANDIT, "reason": "pays more"})
        self.assertEqual(started.status, 201, str(started))
        traffic = Traffic(self.server)
        while traffic.sent < MOST_REQUESTS:
            rewards = [{"request_id": request, "kind": "reward", "value": int(version == "2")} for request, version in traffic.send(name) if version]
            self.assertEqual(self.api.post("/api/v1/feedback", {"outcomes": rewards}).status, 200)
            found = standing(self.api, started.json["rollout"])
            if found["state"] in OVER:
                break
        self.assertEqual(found["state"], "aborted", found)
        self.assertRegex(found["reason"], "version 2 does harm: ")
        self.assertEqual({s["version"]: s["share"] for s in self.api.serving(name).json["split"]}, {1: 10_000})


if __name__ == "__main__":
    unittest.main()
