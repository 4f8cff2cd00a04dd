"""The example of docs/guide/mlflow.md does what the page says, and the version it makes serves."""
import os
import re
import subprocess
import sys
import unittest

from mlflow_fixture import MAJOR, MlflowTest
from api import TIMEOUT
from fixture import ROOT

PAGE = (ROOT / "docs/guide/mlflow.md").read_text()


class Guide(MlflowTest):
    def test_the_example_prints_what_the_page_says_and_its_version_serves(self):
        source, expected = re.search(r"```python\n(.*?)```\n```text\n(.*?)```", PAGE, re.S).groups()
        if MAJOR < 3:
            source = source.replace('name="model"', 'artifact_path="model"')
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", source], capture_output=True, text=True, timeout=4 * TIMEOUT,
                              env={**os.environ, "MLFLOW_TRACKING_URI": self.url, "MLFLOW_TRACKING_TOKEN": self.server.admin_token})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], expected.strip())
        command = re.search(r"^slipway (deploy .*)$", PAGE, re.M)[1].split()
        deployed = self.server.cli(*command)
        self.assertEqual(deployed.returncode, 0, deployed.stderr)
        answer = self.server.api().post("/v2/models/square/infer", {"inputs": [
            {"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [2, 3]}]})
        self.assertEqual(answer.json["outputs"][0]["data"], [4.0, 9.0])

    def test_every_call_that_the_page_lists_is_a_route(self):
        done = self.server.cli("routes")
        self.assertEqual(done.returncode, 0, done.stderr)
        listed = {"experiments": "experiments/", "runs": "runs/", "registered models": "registered-models/", "model versions": "model-versions/"}
        for subject, prefix in listed.items():
            row = re.search(rf"^\| {subject} \| (.*) \|$", PAGE, re.M)[1].split(";")[0]
            for call in row.split(", "):
                self.assertIn(f"/api/2.0/mlflow/{prefix}{call}", done.stdout, call)


if __name__ == "__main__":
    unittest.main()
