"""Tests and intervals against scipy, or against their published formula written out another way."""
import unittest
import warnings

import numpy
from scipy import special, stats

from reference import CASES, ReferenceTest, ask

warnings.filterwarnings("ignore")
ALTERNATIVES = ("two-sided", "less", "greater")


class Distributions(ReferenceTest):
    def test_tails_and_quantiles(self):
        cases = [(float(self.random.normal(0, 6)), min(1 - 1e-12, max(1e-12, float(self.random.beta(0.2, 0.2)))),
                  float(self.random.choice([1, 2, 5.5, 30, 1000]))) for _ in range(CASES)]
        self.check("distributions", cases, [
            [special.ndtr(z), special.ndtr(-z), special.ndtri(p), stats.t.sf(z, v), stats.t.ppf(p, v),
             stats.chi2.sf(abs(z), v), special.kolmogorov(abs(z))] for z, p, v in cases], absolute=1e-13)

    def test_small_tails_keep_their_digits(self):
        cases = [(float(z), 0.5, float(v)) for z in numpy.linspace(5, 30, 60) for v in (1, 3, 20, 300)]
        self.check("distributions", cases, [
            [special.ndtr(z), special.ndtr(-z), 0.0, stats.t.sf(z, v), 0.0, stats.chi2.sf(z, v)] for z, _, v in cases])

    def test_binomial(self):
        cases = []
        for number in range(CASES):
            n = int(self.random.integers(1, 10 ** self.random.integers(1, 7)))
            p = float(self.random.choice([0.5, 0.01, 0.99, self.random.random(), 0.0, 1.0]))
            cases.append((int(self.random.binomial(n, p)) if number % 3 else int(self.random.integers(0, n + 1)), n, p))
        self.check("binomials", cases, [
            [stats.binom.pmf(k, n, p), stats.binom.cdf(k, n, p), stats.binom.sf(k - 1, n, p)] for k, n, p in cases])


class Proportions(ReferenceTest):
    def counts(self):
        n = int(self.random.integers(1, 10 ** self.random.integers(1, 5)))
        return int(self.random.choice([0, n, self.random.integers(0, n + 1), self.random.binomial(n, 0.03)])), n

    def confidence(self):
        return float(self.random.choice([0.8, 0.9, 0.95, 0.99, 0.999]))

    def test_binomial_test(self):
        cases = [(number % 3, float(self.random.choice([0.5, 0.05, self.random.random()])), *self.counts())
                 for number in range(2 * CASES)]
        self.check("binomial_test", cases, [
            [k / n, stats.binomtest(k, n, p, ALTERNATIVES[a]).pvalue] for a, p, k, n in cases])
        self.refuses("binomial_test", [(0, 0.5, 3, 2), (0, 1.5, 1, 2), (0, numpy.nan, 1, 2)])

    def test_intervals_of_one_rate(self):
        cases = [(self.confidence(), *self.counts()) for _ in range(CASES)]
        self.check("clopper_pearson", cases, [
            [stats.beta.ppf((1 - c) / 2, k, n - k + 1) if k else 0.0,
             stats.beta.ppf((1 + c) / 2, k + 1, n - k) if k < n else 1.0] for c, k, n in cases])
        self.check("wilson", cases, [list(stats.binomtest(k, n).proportion_ci(c, "wilson")) for c, k, n in cases],
                   absolute=1e-15)
        for function in ("clopper_pearson", "wilson"):
            self.refuses(function, [(0.95, 0, 0), (0.95, 3, 2), (0.0, 1, 2), (1.0, 1, 2), (numpy.nan, 1, 2)])

    def test_two_rates(self):
        cases = [(self.confidence(), *self.counts(), *self.counts()) for _ in range(CASES)]
        differences, ratios = [], []
        for c, k1, n1, k2, n2 in cases:
            (l1, u1), (l2, u2) = (stats.binomtest(k, n).proportion_ci(c, "wilson") for k, n in ((k1, n1), (k2, n2)))
            p, q = k1 / n1, k2 / n2
            differences.append([p - q - numpy.sqrt((p - l1) ** 2 + (u2 - q) ** 2),
                                p - q + numpy.sqrt((u1 - p) ** 2 + (q - l2) ** 2)])
            # The textbook's form of the ratio's bounds divides by what may vanish or change sign; only where it may not.
            high2, low2 = u2 * (2 * q - u2), l2 * (2 * q - l2)
            low = (p * q - numpy.sqrt((p * q) ** 2 - l1 * (2 * p - l1) * high2)) / high2 if abs(high2) > 1e-9 else numpy.nan
            high = (p * q + numpy.sqrt((p * q) ** 2 - u1 * (2 * p - u1) * low2)) / low2 if k2 else numpy.inf
            ratios.append([low if k1 else 0.0, high])
        self.check("rate_difference", cases, differences, absolute=1e-14)
        usable = [i for i, (low, _) in enumerate(ratios) if not numpy.isnan(low)]
        self.check("rate_ratio", [cases[i] for i in usable], [ratios[i] for i in usable], relative=1e-8, absolute=1e-13)
        self.refuses("rate_difference", [(0.95, 1, 0, 1, 2), (0.95, 1, 2, 3, 2), (1.5, 1, 2, 1, 2)])
        self.refuses("rate_ratio", [(0.95, 1, 0, 1, 2)])

    def test_published_interval_of_a_difference(self):
        # Newcombe 1998, table II, method 10: 56/70 - 48/80 is (0.0524, 0.3339); 10/10 - 0/10 is (0.6075, 1.0000).
        found = ask("rate_difference", [(0.95, 56, 70, 48, 80), (0.95, 10, 10, 0, 10)])
        numpy.testing.assert_allclose(found, [[0.0524, 0.3339], [0.6075, 1.0]], atol=5e-5)

    def test_paired_rates(self):
        cases, expected = [], []
        for _ in range(CASES):
            a, b, c, d = (int(count) for count in self.random.multinomial(
                self.random.integers(1, 500), self.random.dirichlet([2, 0.3, 0.3, 1])))
            confidence, n = self.confidence(), a + b + c + d
            (l1, u1), (l2, u2) = (stats.binomtest(k, n).proportion_ci(confidence, "wilson") for k in (a + b, a + c))
            p, q = (a + b) / n, (a + c) / n
            margins, excess = (a + b) * (c + d) * (a + c) * (b + d), a * d - b * c
            phi = (max(excess - n / 2, 0) if excess > 0 else excess) / numpy.sqrt(margins) if margins else 0
            low = numpy.sqrt(max(0, (p - l1) ** 2 - 2 * phi * (p - l1) * (u2 - q) + (u2 - q) ** 2))
            high = numpy.sqrt(max(0, (q - l2) ** 2 - 2 * phi * (q - l2) * (u1 - p) + (u1 - p) ** 2))
            cases.append((confidence, a, b, c, d))
            expected.append([p - q - low, p - q + high])
        self.check("paired_rate_difference", cases, expected, absolute=1e-14)
        self.refuses("paired_rate_difference", [(0.95, 0, 0, 0, 0)])

    def test_mcnemar(self):
        cases = [tuple(int(x) for x in self.random.integers(0, 10 ** self.random.integers(1, 4), 2)) for _ in range(CASES)]
        cases[:2] = [(0, 0), (5, 5)]
        expected = []
        for b, c in cases:
            statistic = max(0, abs(b - c) - 1) ** 2 / (b + c) if b + c else 0.0
            expected.append([stats.binomtest(b, b + c).pvalue if b + c else 1.0, statistic, stats.chi2.sf(statistic, 1)])
        self.check("mcnemar", cases, expected)


class Samples(ReferenceTest):
    def two(self, number, least=2, paired=False):
        n, m = (int(size) for size in self.random.integers(least, 12 if number % 3 else 120, 2))
        scale = 10.0 ** self.random.integers(-3, 4)
        first = self.random.normal(0, scale, n)
        second = self.random.normal(scale * self.random.random(), scale * 2, n if paired else m)
        return (numpy.round(first / scale, 0), numpy.round(second / scale, 0)) if number % 4 == 0 else (first, second)

    def test_t_tests(self):
        for function, paired in (("welch", False), ("paired_t", True)):
            cases, expected = [], []
            while len(cases) < CASES:
                first, second = self.two(len(cases), paired=paired)
                if numpy.ptp(first - second if paired else first) == 0 or numpy.ptp(second) == 0:
                    continue
                alternative = len(cases) % 3
                reference = stats.ttest_rel if paired else (lambda *a, **b: stats.ttest_ind(*a, equal_var=False, **b))
                done = reference(first, second, alternative=ALTERNATIVES[alternative])
                interval = reference(first, second).confidence_interval(0.9)
                cases.append((alternative, 0.9, first, second))
                expected.append([done.statistic, done.pvalue, done.df, interval.low, interval.high])
            self.check(function, cases, expected, absolute=1e-13)
            self.refuses(function, [(0, 0.95, [1.0], [1.0]), (0, 0.95, [1.0, numpy.nan], [1.0, 2.0]), (0, 1.0, [1.0, 2.0], [1.0, 2.0])])
        self.refuses("paired_t", [(0, 0.95, [1.0, 2.0], [1.0, 2.0, 3.0])])
        self.assertEqual(ask("welch", [(0, 0.95, [1.0, 1.0], [1.0, 1.0]), (0, 0.95, [2.0, 2.0], [1.0, 1.0]), (1, 0.95, [2.0, 2.0], [1.0, 1.0])]),
                         [[0, 1, 2, 0, 0], [numpy.inf, 0, 2, 1, 1], [numpy.inf, 1, 2, 1, 1]])

    def test_wilcoxon(self):
        cases, expected = [], []
        while len(cases) < 2 * CASES:
            first, second = self.two(len(cases), least=1, paired=True)
            differences = (first - second)[first != second]
            if not len(differences):
                continue
            alternative, plain = len(cases) % 3, len(cases) % 2
            exact = len(differences) <= 50 and len(set(abs(differences))) == len(differences)
            done = stats.wilcoxon(differences, alternative=ALTERNATIVES[alternative], correction=not plain,
                                  method="exact" if exact else "asymptotic")
            ranks = stats.rankdata(abs(differences))
            p = done.pvalue
            if not exact and not plain and alternative == 0 and ranks[differences > 0].sum() == len(ranks) * (len(ranks) + 1) / 4:
                p = 1.0  # the correction is not carried past the middle
            cases.append((alternative, plain, first, second))
            expected.append([ranks[differences > 0].sum(), min(1.0, p)])
        self.check("wilcoxon", cases, expected)
        self.refuses("wilcoxon", [(0, 0, [], []), (0, 0, [1.0], [1.0, 2.0]), (0, 0, [numpy.inf], [1.0])])
        self.assertEqual(ask("wilcoxon", [(0, 0, [1.0, 2.0], [1.0, 2.0])]), [[0, 1]])

    def test_mann_whitney(self):
        cases, expected = [], []
        for number in range(2 * CASES):
            first, second = self.two(number, least=1)
            alternative, plain = number % 3, (number // 3) % 2
            together = numpy.concatenate([first, second])
            ties = len(set(together)) < len(together)
            exact = len(together) <= 50 and not ties
            done = stats.mannwhitneyu(first, second, alternative=ALTERNATIVES[alternative], use_continuity=not plain,
                                      method="exact" if exact else "asymptotic")
            cases.append((alternative, plain, first, second))
            expected.append([done.statistic, done.pvalue if numpy.ptp(together) else 1.0])
        self.check("mann_whitney", cases, expected)
        self.refuses("mann_whitney", [(0, 0, [], [1.0]), (0, 0, [numpy.nan], [1.0])])

    def test_kolmogorov_smirnov(self):
        cases = [self.two(number, least=1) for number in range(CASES)]
        self.check("kolmogorov_smirnov", cases, [list(stats.ks_2samp(*case, method="exact")) for case in cases])
        cases, expected = [], []
        for number in range(200):
            first = self.random.normal(0, 1, int(self.random.integers(1001, 1500)))
            second = self.random.normal(number / 1000, 1, 1000)
            statistic = stats.ks_2samp(first, second, method="asymp").statistic
            cases.append((first, second))
            expected.append([statistic, special.kolmogorov(numpy.sqrt(len(first) * 1000 / (len(first) + 1000)) * statistic)])
        self.check("kolmogorov_smirnov", cases, expected)
        self.refuses("kolmogorov_smirnov", [([], [1.0]), ([numpy.nan], [1.0])])

    def test_chi_square(self):
        cases, expected = [], []
        for _ in range(CASES):
            rows, columns = (int(size) for size in self.random.integers(2, 6, 2))
            table = self.random.poisson(10.0 ** self.random.integers(0, 4), (rows, columns)) + 1
            cases.append((rows, *table))
            done = stats.chi2_contingency(table, correction=False)
            expected.append([done.statistic, done.pvalue, done.dof])
        self.check("chi_square", cases, expected, absolute=1e-13)
        self.refuses("chi_square", [(2, [1, 2], [1]), (1, [0, 0]), (0,)])
        self.assertEqual(ask("chi_square", [(2, [1, 2], [0, 0]), (2, [3, 0], [5, 0])]), [[0, 1, 0]] * 2)


class Multiplicity(ReferenceTest):
    def test_adjusted_p_values(self):
        cases, holm = [], []
        for number in range(CASES):
            p = self.random.random(int(self.random.integers(1, 40))) ** 3
            if number % 3 == 0:
                p = numpy.round(p, 1)
            cases.append((p,))
            order = numpy.argsort(p)
            adjusted = numpy.empty(len(p))
            adjusted[order] = numpy.minimum(1, numpy.maximum.accumulate((len(p) - numpy.arange(len(p))) * p[order]))
            holm.append(adjusted)
        self.check("holm", cases, holm)
        self.check("benjamini_hochberg", cases, [stats.false_discovery_control(p) for p, in cases])
        for function in ("holm", "benjamini_hochberg"):
            self.refuses(function, [([0.5, 1.1],), ([numpy.nan],), ([-0.1],)])


if __name__ == "__main__":
    unittest.main()
