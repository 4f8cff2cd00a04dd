"""The harness itself: a wrong formula, or a right one with a wrong digit, has to be found out by it."""
import unittest
import warnings

import numpy
from scipy import stats

from reference import CASES, ReferenceTest, differs

warnings.filterwarnings("ignore")


class WrongFormulas(ReferenceTest):
    def found_out(self, function, cases, wrong, at_least, **bounds):
        self.assertGreaterEqual(len(self.differences(function, cases, wrong, **bounds)), at_least)

    def samples(self):
        return [tuple(numpy.round(self.random.normal(0, 1, self.random.integers(5, 40)), 1) for _ in range(2)) for _ in range(CASES)]

    def test_t_with_pooled_variance(self):
        cases = [(0, 0.95, *pair) for pair in self.samples()]
        self.found_out("welch", cases, [list(stats.ttest_ind(*case[2:])) for case in cases], CASES // 2)

    def test_wilson_as_wald(self):
        cases = [(0.95, int(self.random.integers(1, n)), int(n)) for n in self.random.integers(2, 200, CASES)]
        self.found_out("wilson", cases, [[k / n - 1.96 * numpy.sqrt(k / n * (1 - k / n) / n)] for _, k, n in cases], CASES)

    def test_auroc_without_ties(self):
        cases, wrong = [], []
        for scores, _ in self.samples():
            truth = numpy.arange(len(scores)) % 2
            cases.append((truth, scores))
            wrong.append((scores[truth == 1][:, None] > scores[truth == 0][None, :]).mean())
        self.found_out("auroc", cases, wrong, CASES // 4)

    def test_mann_whitney_without_ties_in_its_variance(self):
        cases, wrong = [], []
        for first, second in self.samples():
            n, m = len(first), len(second)
            u = stats.mannwhitneyu(first, second).statistic
            cases.append((0, 0, first, second))
            distance = abs(u - n * m / 2) - 0.5
            wrong.append([u, min(1.0, 2 * stats.norm.sf(distance / numpy.sqrt(n * m * (n + m + 1) / 12)))])
        self.found_out("mann_whitney", cases, wrong, CASES // 2)

    def test_false_discovery_as_holm(self):
        cases = [(self.random.random(10),) for _ in range(CASES)]
        self.found_out("holm", cases, [stats.false_discovery_control(p) for p, in cases], CASES // 2)

    def test_quantiles_of_another_definition(self):
        cases = [(0.9, values) for values, _ in self.samples()]
        self.found_out("quantile", cases, [numpy.quantile(values, q, method="weibull") for q, values in cases], CASES // 2)

    def test_errors_divided_by_n_less_one(self):
        cases = [(values, values + self.random.normal(0, 1, len(values))) for values, _ in self.samples()]
        wrong = [numpy.sqrt(((a - b) ** 2).sum() / (len(a) - 1)) for a, b in cases]
        self.found_out("regression", cases, wrong, CASES)

    def test_mcnemar_without_its_correction(self):
        cases = [(int(b), int(c)) for b, c in self.random.integers(1, 60, (CASES, 2))]
        wrong = [[stats.binomtest(b, b + c).pvalue, (b - c) ** 2 / (b + c)] for b, c in cases]
        self.found_out("mcnemar", cases, wrong, CASES // 2)


class WrongDigits(ReferenceTest):
    def test_the_ninth_digit_counts(self):
        self.assertFalse(differs(1 + 0.5e-9, 1.0, 1e-9, 0))
        self.assertTrue(differs(1 + 2e-9, 1.0, 1e-9, 0))
        self.assertTrue(differs(1e-90 * (1 + 2e-9), 1e-90, 1e-9, 0))

    def test_what_is_no_number_equals_nothing_else(self):
        self.assertFalse(differs(numpy.inf, numpy.inf, 1e-9, 0))
        for found, expected in ((1.0, numpy.nan), (numpy.nan, 1.0), (1.0, numpy.inf), (numpy.inf, 1.0), (-numpy.inf, numpy.inf)):
            self.assertTrue(differs(found, expected, 1e-9, 0), (found, expected))

    def test_an_answer_that_is_an_error_differs(self):
        cases = [(0.5, []) for _ in range(CASES)]
        self.assertEqual(len(self.differences("quantile", cases, [0.0] * CASES)), CASES)


if __name__ == "__main__":
    unittest.main()
