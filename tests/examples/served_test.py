"""The accuracy in an example's manifest is what the running server reaches on the held-out rows, asked over HTTP."""
import importlib.util
import pathlib
import sys
import unittest
from unittest import mock

import numpy as np
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/end_to_end"), str(ROOT / "examples")]
from fixture import WithServer, eventually  # noqa: E402
import package_writer  # noqa: E402

EXAMPLES = ("breast_cancer", "diabetes", "digits", "wine")
NUMPY = {"FP32": np.float32, "INT64": np.int64}
ROWS_AT_ONCE = 16
TOLERANCE = {"mean_absolute_error": 0.01, "root_mean_squared_error": 0.01}


def prepared(name):
    """What train.py knows when it is about to write its package: the Example, and its measure of outputs."""
    folder = ROOT / "examples" / name
    spec = importlib.util.spec_from_file_location("train_" + name, folder / "train.py")
    module = importlib.util.module_from_spec(spec)
    with mock.patch.object(sys, "path", [str(folder), *sys.path]):
        spec.loader.exec_module(module)
        with mock.patch.object(package_writer, "save_package") as saved:
            module.main()
    return saved.call_args.args


class Served(WithServer):
    options = ("--with-examples",)

    def test_the_manifests_metrics_are_reached_on_the_held_out_rows(self):
        for name in EXAMPLES:
            with self.subTest(example=name):
                example, metrics = prepared(name)
                manifest = yaml.safe_load((ROOT / "examples" / name / "slipway.yaml").read_text())
                model = manifest["name"]
                eventually(lambda: self.api.get(f"/v2/models/{model}/ready").status == 200, model + " to be live")
                measured = metrics(self.ask(model, manifest["inputs"][0], example.held_out[0].astype(np.float32)))
                for key, value in measured.items():
                    self.assertAlmostEqual(value, manifest["lineage"]["metrics"][key], delta=TOLERANCE.get(key, 0.0002), msg=key)

    def ask(self, model, described, rows):
        parts = {}
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[first:first + ROWS_AT_ONCE]
            data = some.reshape(-1).astype(float).tolist()
            answer = self.api.infer(model, {described["name"]: (described["datatype"], list(some.shape), data)})
            self.assertEqual(answer.status, 200, str(answer))
            for output in answer.json["outputs"]:
                parts.setdefault(output["name"], []).append(
                    np.array(output["data"], NUMPY[output["datatype"]]).reshape(output["shape"]))
        return {key: np.concatenate(some) for key, some in parts.items()}


if __name__ == "__main__":
    unittest.main()
