"""What the reference suites share: asking the built program, and comparing its answers."""
import math
import os
import pathlib
import subprocess
import unittest

import numpy

CASES = 240
RELATIVE = 1e-9
TINY = 1e-200  # below: no digits are asked for; scipy's binomial tails lose theirs there
PROGRAM = pathlib.Path(os.environ["SLIPWAY_BUILD"]) / "tests" / "stats_reference"


def word(value) -> str:
    if isinstance(value, (list, tuple, numpy.ndarray)):
        return " ".join([str(len(value)), *(word(item) for item in value)])
    return repr(float(value)) if isinstance(value, (float, numpy.floating)) else str(int(value))


def ask(function: str, cases: list[tuple]) -> list:
    """The answers of the program: a list of numbers per case, or the name of an error."""
    lines = "".join(f"{function} {' '.join(word(argument) for argument in case)}\n" for case in cases)
    done = subprocess.run([PROGRAM], input=lines, capture_output=True, text=True, timeout=120, check=True)
    answers = [line.split() for line in done.stdout.splitlines()]
    if len(answers) != len(cases):
        raise AssertionError(f"{function}: {len(cases)} cases asked, {len(answers)} answered; {done.stderr}")
    return [[float(number) for number in answer[1:]] if answer[0] == "ok" else answer[1] for answer in answers]


def differs(found: float, expected: float, relative: float, absolute: float) -> bool:
    if math.isnan(expected) or math.isinf(expected):
        return not (found == expected or (math.isnan(found) and math.isnan(expected)))
    if max(abs(found), abs(expected)) < TINY:
        return False
    return not abs(found - expected) <= max(relative * abs(expected), absolute)


class ReferenceTest(unittest.TestCase):
    """A case is one call; every number of every answer is held against the reference's."""

    def setUp(self):
        self.random = numpy.random.default_rng(20261121)

    def differences(self, function, cases, expected, relative=RELATIVE, absolute=0.0) -> list[str]:
        self.assertGreaterEqual(len(cases), 200, "at least 200 cases")
        wrong = []
        for case, found, wanted in zip(cases, ask(function, cases), expected, strict=True):
            wanted = [float(number) for number in numpy.atleast_1d(wanted)]
            if isinstance(found, str) or len(found) < len(wanted) or any(
                    differs(a, b, relative, absolute) for a, b in zip(found, wanted)):
                wrong.append(f"{function}{str(case)[:300]}: expected {wanted}, found {found if isinstance(found, str) else found[:len(wanted)]}")
        return wrong

    def check(self, function, cases, expected, **bounds):
        wrong = self.differences(function, cases, expected, **bounds)
        self.assertEqual(wrong[:3], [], f"{len(wrong)} of {len(cases)} differ")

    def refuses(self, function, cases):
        self.assertEqual(set(ask(function, cases)), {"InvalidInput"})
