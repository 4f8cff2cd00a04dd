"""slipway verify-decisions: what it prints, draws and refuses. The whole suite is a suite of its own (tests/suites.txt)."""
import pathlib
import tempfile
import unittest
import xml.etree.ElementTree

from fixture import run

KEPT, MISSED, USAGE = 0, 1, 2


class DecisionsTest(unittest.TestCase):
    def verify(self, *arguments):
        return run("verify-decisions", *arguments)

    def test_a_scenario_is_named_with_its_ramp_its_counts_and_their_bounds(self):
        done = self.verify("P9", "--rollouts", "20")
        self.assertEqual(done.returncode, KEPT, done.stdout + done.stderr)
        self.assertIn("canary 5 %, 10 %, 25 %, 50 %, 600s at least", done.stdout)
        self.assertIn("rolled back 20 of 20 (at least ", done.stdout)
        self.assertIn(") [83.2, 100 %]", done.stdout)
        self.assertTrue(done.stdout.endswith("\n1 passed, 0 failed\n"), done.stdout)

    def test_the_same_seed_gives_the_same_on_any_number_of_threads(self):
        first = self.verify("P4", "--rollouts", "20", "--threads", "1")
        self.assertEqual(first.stdout, self.verify("P4", "--rollouts", "20", "--threads", "3").stdout)
        self.assertNotEqual(first.stdout, self.verify("P4", "--rollouts", "20", "--seed", "9").stdout)

    def test_other_rules_stand_beside_ours_in_text_and_in_the_drawing(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "decisions.svg"
            done = self.verify("AA2", "--rollouts", "20", "--svg", path)
            self.assertEqual(done.returncode, KEPT, done.stdout + done.stderr)
            for rule in ("pooled z", "thresholds", "Flagger", "Argo first", "Kayenta"):
                self.assertIn(rule, done.stdout)
            drawn = xml.etree.ElementTree.parse(path).getroot()
        self.assertEqual(drawn.tag, "{http://www.w3.org/2000/svg}svg")
        self.assertIn("Flagger", "".join(drawn.itertext()))

    def test_what_being_right_costs_is_held_against_other_rules(self):
        done = self.verify("AA1f", "P10", "--rollouts", "20")
        self.assertEqual(done.returncode, KEPT, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"ok +cost +100 requests/s: AA1f against P10\n +wrong in .* %, costs .* requests: no rule is")
        self.assertTrue(done.stdout.endswith("\n3 passed, 0 failed\n"), done.stdout)

    def test_what_it_cannot_do_is_said(self):
        for arguments, expected in (
            (("AA99",), "expected the name of a scenario such as AA1, found \"AA99\""),
            (("--rollouts", "3"), "--rollouts: expected a whole number from 20"),
            (("--threads", "0"), "--threads: expected a whole number from 1"),
        ):
            with self.subTest(arguments):
                done = self.verify(*arguments)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertIn(expected, done.stderr)
        done = self.verify("P9", "--rollouts", "20", "--svg", "/nowhere/at/all.svg")
        self.assertEqual(done.returncode, MISSED)
        self.assertIn("cannot write", done.stderr)


if __name__ == "__main__":
    unittest.main()
