"""slipway rollout judge: traces in, changes of the verdict out."""
import json
import pathlib
import random
import tempfile
import unittest

from fixture import run

PLAN = "metrics:\n  - {name: error_rate, source: errors, margin_ratio: 2}\n"
PROMOTE, ROLL_BACK, USAGE, HOLD = 0, 1, 2, 4


def trace(harm, answers=40_000, rate=0.02, share=0.3, seed=4):
    chance = random.Random(seed)
    lines = []
    for number in range(answers):
        is_candidate = chance.random() < share
        error = chance.random() < rate * (harm if is_candidate else 1)
        lines.append(json.dumps({"t": number / 100, "arm": "candidate" if is_candidate else "control", "p": share, "error": error}))
    return "\n".join(lines) + "\n"


class JudgeTest(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)

    def judge(self, lines, *options, plan=PLAN):
        (self.folder / "plan.yaml").write_text(plan)
        (self.folder / "trace.jsonl").write_text(lines)
        return run("rollout", "judge", "--plan", self.folder / "plan.yaml", "--trace", self.folder / "trace.jsonl", *options)

    def test_a_worse_version_is_rolled_back_and_the_reason_has_the_numbers(self):
        done = self.judge(trace(harm=3), "--json")
        self.assertEqual(done.returncode, ROLL_BACK, done.stderr)
        changes = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([change["verdict"] for change in changes], ["hold", "roll_back"])
        self.assertGreaterEqual(changes[-1]["log_harm"], changes[-1]["harm_bar"])
        self.assertIn("error_rate is worse: e-value of harm", changes[-1]["reason"])
        self.assertLess(changes[-1]["line"], 10_000)

    def test_an_equal_version_is_promoted(self):
        done = self.judge(trace(harm=1))
        self.assertEqual(done.returncode, PROMOTE, done.stdout + done.stderr)
        self.assertIn("promote: every guardrail is shown to be no worse by its margin", done.stdout)
        self.assertIn("error_rate", done.stdout.splitlines()[-1])

    def test_too_little_holds_and_says_how_much_is_missing(self):
        done = self.judge(trace(harm=1, answers=1_500))
        self.assertEqual(done.returncode, HOLD, done.stderr)
        self.assertRegex(done.stdout, r"missing: error_rate: about \d+ more requests")

    def test_the_same_trace_gives_the_same_words(self):
        first = self.judge(trace(harm=1.5, answers=5_000), "--json", "--all")
        self.assertEqual(first.stdout, self.judge(trace(harm=1.5, answers=5_000), "--json", "--all").stdout)

    def test_wrong_input_names_the_file_and_the_line(self):
        good = trace(harm=1, answers=2)
        for lines, expected in ((good + "{\"t\": 1}\n", 'trace.jsonl:3: expected "arm", found none'), (good + "x\n", "trace.jsonl:3: "),
                                ("", "expected at least one observation, found none"), (good + "[" * 70_000, "trace.jsonl:3: expected a line of at most 64 KiB")):
            with self.subTest(expected):
                done = self.judge(lines)
                self.assertEqual(done.returncode, USAGE)
                self.assertIn(expected, done.stderr)
        done = self.judge(good, plan="metrics:\n  - {name: x, source: guess}\n")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("plan.yaml:2:23: metrics[0].source: expected one of errors, latency", done.stderr)
        missing = run("rollout", "judge", "--plan", self.folder / "plan.yaml", "--trace", self.folder / "none")
        self.assertEqual(missing.returncode, USAGE)


if __name__ == "__main__":
    unittest.main()
