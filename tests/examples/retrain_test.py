"""Every committed example is what its training script makes: same data, same files, and the same figures within rounding."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import onnxruntime
import yaml

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/train.py"))
METRIC_TOLERANCE = {"accuracy": 0.01, "mean_absolute_error": 0.5, "root_mean_squared_error": 0.5}


def manifest(folder):
    return yaml.safe_load((folder / "slipway.yaml").read_text())


class Committed(unittest.TestCase):
    def test_there_are_the_four_examples(self):
        self.assertEqual([folder.name for folder in FOLDERS], ["breast_cancer", "diabetes", "digits", "wine"])

    def test_golden_examples_hold_in_onnx_runtime(self):
        for folder in FOLDERS:
            session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
            for golden in manifest(folder)["golden"]:
                inputs = {name: np.array(values, np.float32) for name, values in golden["inputs"].items()}
                names = list(golden["outputs"])
                for name, found in zip(names, session.run(names, inputs)):
                    with self.subTest(example=folder.name, output=name):
                        np.testing.assert_allclose(found, np.array(golden["outputs"][name]), atol=golden["tolerance"])

    def test_each_example_reaches_a_useful_accuracy(self):
        for folder in FOLDERS:
            with self.subTest(example=folder.name):
                metrics = manifest(folder)["lineage"]["metrics"]
                self.assertGreaterEqual(metrics.get("accuracy", 1), 0.96)
                self.assertGreaterEqual(metrics.get("r2", 1), 0.3)

    def test_training_again_gives_the_committed_manifest(self):
        for folder in FOLDERS:
            with self.subTest(example=folder.name), tempfile.TemporaryDirectory() as again:
                subprocess.run([sys.executable, folder / "train.py", again], check=True, stdout=subprocess.DEVNULL)
                self.compare(manifest(folder), manifest(pathlib.Path(again)))

    def compare(self, committed, again):
        """Equal but for what another processor's rounding may move: golden values and metrics."""
        for key, value in committed["lineage"]["metrics"].items():
            self.assertAlmostEqual(value, again["lineage"]["metrics"][key], delta=METRIC_TOLERANCE.get(key, 0.02), msg=key)
        for one, other in zip(committed["golden"], again["golden"], strict=True):
            self.assertEqual(one["inputs"], other["inputs"])
        for part in (committed, again):
            del part["golden"], part["lineage"]["metrics"]
        self.assertEqual(committed, again)


if __name__ == "__main__":
    unittest.main()
