"""Rollouts that begin in the shadow of the version that answers: another export of one model is let through or found out."""
import unittest

import onnx_graph
import packages
from fixture import WithServer, eventually
from rollout_evidence_test import OVER, begin, standing

CHAIN = """\
stages:
- shadow: {mirrored: 100%, dwell: 0s}
- blue_green: {warm: 0s, keep: 0s}
alpha: 0.001
agreement:
  metrics:
  - {name: same, source: numeric, absolute: 1e-5, relative: 1e-5, most: 0.01}
"""
MOST_REQUESTS = 20_000


class InTheShadow(WithServer):
    def roll_out(self, name, candidate):
        self.given_version(packages.tar_gz({"model.onnx": onnx_graph.weighed(1.0, 2.0, 3.0)}), name)
        self.given_version(packages.tar_gz({"model.onnx": candidate, "README.md": "exported again"}), name)
        self.given_live(name, 1)
        number = begin(self.api, name, CHAIN)
        eventually(lambda: standing(self.api, number)["state"] != "applying", "the candidate to be mirrored to")
        tensor = {"name": "x", "datatype": "FP32", "shape": [1, 3]}
        for sent in range(MOST_REQUESTS):
            asked = self.api.post(f"/v2/models/{name}/infer", {"inputs": [{**tensor, "data": [1.0, 2.0, float(sent % 9)]}]})
            self.assertEqual(asked.status, 200, str(asked))
            if sent % 50 == 49:
                found = standing(self.api, number)
                if found["state"] in OVER:
                    return found
        self.fail(f"expected an end after {MOST_REQUESTS} requests, found {found}")

    def test_one_that_says_something_else_is_found_while_nobody_is_given_its_answers(self):
        found = self.roll_out("other", onnx_graph.weighed(1.0, 2.0, 3.001))
        self.assertEqual(found["state"], "aborted", found["reason"])
        self.assertRegex(found["reason"], "version 2 does harm: same")
        self.assertEqual({s["version"]: s["share"] for s in self.api.serving("other").json["split"]}, {1: 10000})

    def test_one_that_says_the_same_goes_on_to_the_switch(self):
        found = self.roll_out("same", onnx_graph.weighed(1.0, 2.0, 3.0))
        self.assertEqual((found["state"], found["winner"]), ("completed", 2), found["reason"])


if __name__ == "__main__":
    unittest.main()
