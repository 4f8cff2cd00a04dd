"""The suite runner counts what ran, and never takes silence, a crash or a skip for a pass."""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import run  # noqa: E402


class Counting(unittest.TestCase):
    def test_cases_are_read_from_each_kind_of_summary(self):
        unittest_summary = "..F.\n" + "-" * 70 + "\nRan 4 tests in 0.002s\n\n"
        table = [
            ("plain line", "noise\n12 passed, 0 failed\n", 0, (12, 0)),
            ("plain line with a name", "swap: 3 passed, 2 failed\n", 1, (3, 2)),
            ("the last plain line counts", "1 passed, 0 failed\n5 passed, 0 failed\n", 0, (5, 0)),
            ("unittest, good", unittest_summary + "OK\n", 0, (4, 0)),
            ("unittest, bad", unittest_summary + "FAILED (failures=1, errors=2)\n", 1, (1, 3)),
            ("unittest, a skip is no pass", unittest_summary + "OK (skipped=3)\n", 0, (1, 0)),
            ("pytest", "==== 2 failed, 7 passed in 1.20s ====\n", 1, (7, 2)),
            ("silent success is one case", "", 0, (1, 0)),
            ("silent failure is one case", "", 1, (0, 1)),
            ("a crash after good cases fails", "9 passed, 0 failed\n", 139, (9, 1)),
            ("nothing ran", "0 passed, 0 failed\n", 0, (0, 0)),
        ]
        for name, text, status, expected in table:
            with self.subTest(name):
                self.assertEqual(run.count_cases(text, status), expected)

    def test_a_googletest_program_counts_its_cases(self):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "some_test.json"
            report.write_text(json.dumps({"tests": 9, "failures": 2, "errors": 0, "disabled": 1}))
            self.assertEqual(run.count_program(report, "fail"), (6, 2))
            self.assertEqual(run.count_program(report.with_name("died_before_the_end.json"), "fail"), (0, 1))
            report.write_text(json.dumps({"tests": 9, "failures": 0, "errors": 0, "disabled": 0}))
            self.assertEqual(run.count_program(report, "fail"), (9, 1))

    def test_a_command_past_its_limit_has_failed(self):
        with tempfile.TemporaryDirectory() as folder:
            status, text = run.run_logged(["sleep", "30"], pathlib.Path(folder) / "log", {"PATH": "/usr/bin:/bin"}, 0.1)
        self.assertEqual(status, 124)
        self.assertIn("ended after the limit", text)


if __name__ == "__main__":
    unittest.main()
