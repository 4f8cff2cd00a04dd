"""ghz, the load generator of gRPC: every call of a run is answered well."""
import json
import unittest

from command_fixture import PROGRAMS, CommandTest
from command_grpcurl_test import QUESTION, SERVICE

CALLS = 400


class Ghz(CommandTest):
    def statuses(self, call, question, *arguments):
        out = self.run_program(PROGRAMS / "ghz", "--call", call, "-d", json.dumps(question), "-n", CALLS, "-c", 8, "--connections", 2,
                               "--timeout", "20s", "-O", "json", *arguments)
        report = json.loads(out)
        self.assertEqual(report["count"], CALLS)
        return report["statusCodeDistribution"]

    def test_unary_calls(self):
        for way in (("--insecure", self.plain), ("--cacert", self.authority, self.secure)):
            with self.subTest(way):
                self.assertEqual(self.statuses(SERVICE + ".ModelInfer", QUESTION, *way), {"OK": CALLS})

    def test_streams(self):
        # Each call sends its questions, and reads to the end.
        self.assertEqual(self.statuses(SERVICE + ".ModelStreamInfer", [QUESTION] * 3, "--insecure", self.plain), {"OK": CALLS})

    def test_compressed(self):
        self.assertEqual(self.statuses(SERVICE + ".ModelInfer", QUESTION, "--enable-compression", "--insecure", self.plain),
                         {"OK": CALLS})

    def test_a_run_of_refusals_is_seen_as_such(self):
        self.assertEqual(self.statuses(SERVICE + ".ModelInfer", {**QUESTION, "model_name": "nobody"}, "--insecure", self.plain),
                         {"NotFound": CALLS})


if __name__ == "__main__":
    unittest.main()
