"""Equal versions come through every strategy that asks for evidence, by themselves, with requests to the real server."""
import unittest

import onnx_graph
import packages
from fixture import WithServer, eventually
from rollout_evidence_test import BATCH, ERRORS, MOST_REQUESTS, OVER, begin, given_model, standing, Traffic

JUDGED = "alpha: 0.001\nmetrics:\n" + ERRORS
STRATEGIES = {
    "rolling": ("rolling: {parts: 4, dwell: 0s}", [2500, 5000, 7500]),
    "challenger": ("champion_challenger: {weights: [20%, 50%, 100%], dwell: 0s}", [2000, 5000]),
    "tested": ("ab_test: {weight: 30%}", [3000]),
}
CHAIN = """\
stages:
- shadow: {mirrored: 100%, dwell: 0s}
- canary: {weights: [20%, 50%], dwell: 0s}
- blue_green: {warm: 0s, keep: 0s}
agreement:
  metrics:
  - {name: same, source: numeric, absolute: 1e-5, relative: 1e-5, most: 0.01}
""" + JUDGED


class Strategies(WithServer):
    def come_through(self, name, plan, send):
        """The candidate's shares of each step, once it was promoted."""
        number = begin(self.api, name, plan)
        eventually(lambda: standing(self.api, number)["state"] != "applying", "its first step to be served")
        for _ in range(MOST_REQUESTS // BATCH):
            send()
            found = standing(self.api, number)
            if found["state"] in OVER:
                break
        self.assertEqual((found["state"], found["winner"]), ("completed", 2), found)
        self.assertEqual({s["version"]: s["share"] for s in self.api.serving(name).json["split"]}, {2: 10_000})
        made = self.api.get(f"/api/v1/rollouts/{number}/decisions?limit=500").json["decisions"][::-1]
        return [d["wants"][-1]["share"] for d in made if d["state"] == "applying"]

    def test_an_equal_version_is_promoted_by_each_of_them(self):
        for name, (stage, shares) in STRATEGIES.items():
            with self.subTest(name):
                given_model(self, name)
                traffic = Traffic(self.server)
                plan = "stages: [{" + stage + "}]\n" + JUDGED
                self.assertEqual(self.come_through(name, plan, lambda: traffic.send(name)), shares)

    def test_one_rollout_goes_from_the_shadow_over_a_canary_to_the_switch(self):
        self.given_version(packages.tar_gz({"model.onnx": onnx_graph.weighed(1.0, 2.0, 3.0)}), "chain")
        self.given_version(packages.tar_gz({"model.onnx": onnx_graph.weighed(1.0, 2.0, 3.0), "README.md": "exported again"}), "chain")
        self.given_live("chain", 1)
        tensor = {"name": "x", "datatype": "FP32", "shape": [1, 3]}

        def send():
            for i in range(BATCH):
                asked = self.api.post("/v2/models/chain/infer", {"inputs": [{**tensor, "data": [1.0, 2.0, float(i % 9)]}]})
                self.assertEqual(asked.status, 200, str(asked))
        self.assertEqual(self.come_through("chain", CHAIN, send), [0, 2000, 5000, 5000, 10_000])


if __name__ == "__main__":
    unittest.main()
