"""The example models, served as `serve --with-examples` serves them, answer what they were measured to answer."""
import json
import unittest

from api import outputs_of
from fixture import ROOT, WithServer, eventually

EXAMPLES = {"breast-cancer": "breast_cancer", "digits": "digits", "diabetes": "diabetes", "wine": "wine"}


def flat(values):
    return [v for item in values for v in flat(item)] if isinstance(values, list) else [values]


class Examples(WithServer):
    options = ("--with-examples",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = cls.server.api()

        def all_live():
            states = api.get("/api/v1/status").json["models"]
            return {s["model"] for s in states if s["state"] == "ready"} >= set(EXAMPLES)
        eventually(all_live, "all examples to be live", 60)

    def request(self, name, kind):
        return (ROOT / "examples" / EXAMPLES[name] / "requests" / f"{kind}.json").read_bytes()

    def test_each_was_verified_with_its_golden_examples(self):
        for name in EXAMPLES:
            with self.subTest(model=name):
                version = self.api.version(name, 1).json
                self.assertEqual(version["stage"], "validated")
                self.assertGreaterEqual(version["verification"]["golden_checked"], 2)
                self.assertTrue(version["verification"]["row_independent"])
                self.assertGreaterEqual(len(version["manifest"]["lineage"]["metrics"]), 2)

    def test_the_sample_requests_are_answered_alike_on_both_apis(self):
        for name in EXAMPLES:
            with self.subTest(model=name):
                inferred = self.api.post(f"/v2/models/{name}/infer", self.request(name, "infer"))
                self.assertEqual(inferred.status, 200, str(inferred))
                plain = self.api.post(f"/predict/{name}", self.request(name, "predict"), headers={"Content-Type": "application/json"})
                self.assertEqual(plain.status, 200, str(plain))
                for values in outputs_of(inferred).values():
                    self.assertTrue(all(isinstance(v, (int, float)) for v in flat(values)))

    def test_the_class_with_the_highest_probability_is_named(self):
        for name in ("breast-cancer", "digits", "wine"):
            with self.subTest(model=name):
                labels = next(o["labels"] for o in self.api.version(name, 1).json["manifest"]["outputs"] if o["labels"])
                probabilities = outputs_of(self.api.post(f"/v2/models/{name}/infer", self.request(name, "infer")))["probabilities"]
                plain = self.api.post(f"/predict/{name}", self.request(name, "predict")).json
                best = labels[max(range(len(labels)), key=flat(probabilities).__getitem__)]
                self.assertIn(json.dumps(best), json.dumps(plain))

    def test_the_command_line_predicts_from_the_sample_file(self):
        for name, folder in EXAMPLES.items():
            with self.subTest(model=name):
                for kind in ("infer", "predict"):
                    path = ROOT / "examples" / folder / "requests" / f"{kind}.json"
                    done = self.server.cli("predict", name, "--input", path)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    json.loads(done.stdout)


if __name__ == "__main__":
    unittest.main()
