"""perf_analyzer, Triton's load generator, as the wheel of tritonclient 2.51.0 has it: short runs without one error."""
import csv
import platform
import unittest

from command_fixture import CommandTest
from deployed import given_echo
from fixture import ROOT

HOME = ROOT / ".deps/venv-perf"
REQUESTS = 200


@unittest.skipUnless(platform.machine() == "x86_64", "perf_analyzer exists for x86_64 only")
class PerfAnalyzer(CommandTest):
    def analyze(self, *arguments, model="wine", expected=0):
        """Of each line of the report: {column: text}."""
        libraries = next(HOME.glob("lib/python3*/site-packages/nvidia/cuda_runtime/lib"))
        path = self.server.folder / "report.csv"
        out = self.run_program(HOME / "bin/perf_analyzer", "-m", model, "-u", self.plain, "--request-count", REQUESTS,
                               "-f", path, *arguments, expected=expected, LD_LIBRARY_PATH=str(libraries))
        if expected:
            return out
        with path.open() as report:
            return list(csv.DictReader(report))

    def executed(self, model):
        return self.server.api().get(f"/v2/models/{model}/stats").json["model_stats"][0]["inference_stats"]

    def assert_analyzed(self, *arguments, model="wine"):
        before = self.executed(model)
        report = self.analyze(*arguments, model=model)
        after = self.executed(model)
        self.assertEqual(len(report), 1)
        self.assertGreater(float(report[0]["Inferences/Second"]), 0)
        self.assertGreaterEqual(after["success"]["count"] - before["success"]["count"], REQUESTS)
        self.assertEqual(after["fail"]["count"], before["fail"]["count"])

    def test_http(self):
        self.assert_analyzed("-i", "http", "--concurrency-range", "4")
        self.assert_analyzed("-i", "http", "-a", "--input-tensor-format", "json", "--output-tensor-format", "json")

    def test_grpc(self):
        self.assert_analyzed("-i", "grpc", "--concurrency-range", "4", "-b", "8")
        self.assert_analyzed("-i", "grpc", "-a", "--grpc-compression-algorithm", "gzip")

    def test_grpc_streams(self):
        self.assert_analyzed("-i", "grpc", "--streaming", "--concurrency-range", "4")

    def test_a_model_without_a_limit_takes_batches(self):
        given_echo(self.server, "free", manifest="batching: {max_batch: 0}\n")
        self.assert_analyzed("-i", "http", "-b", "8", model="free")
        self.assert_analyzed("-i", "grpc", "-b", "100", model="free")

    def test_a_model_that_is_not_there_is_an_error(self):
        self.assertIn("nobody", self.analyze("-i", "grpc", model="nobody", expected=99))


if __name__ == "__main__":
    unittest.main()
