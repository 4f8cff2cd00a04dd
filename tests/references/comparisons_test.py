"""DeLong's variance, the bootstrap and fairness gaps against their definitions, written out another way."""
import itertools
import types
import unittest
import warnings

import numpy
from scipy import stats

from reference import CASES, ReferenceTest, ask

warnings.filterwarnings("ignore")
MASK = 2 ** 64 - 1


class Generator:
    """xoshiro256** with SplitMix64's seeding, from its published description, in Python's integers."""

    def __init__(self, seed):
        self.state = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & MASK
            z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            self.state.append(z ^ (z >> 31))

    @staticmethod
    def rotated(x, k):
        return ((x << k) | (x >> (64 - k))) & MASK

    def next(self):
        s = self.state
        result = (self.rotated((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = self.rotated(s[3], 45)
        return result

    def below(self, bound):
        while True:
            product = self.next() * bound
            if product & MASK >= (2 ** 64 - bound) % bound:
                return product >> 64


class Auroc(ReferenceTest):
    @staticmethod
    def placements(truth, scores):
        positive, negative = scores[truth == 1], scores[truth == 0]
        wins = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
        return wins.mean(1), wins.mean(0)

    def case(self, number):
        rows = int(self.random.integers(8, 150))
        truth = self.random.integers(0, 2, rows)
        truth[:4] = [0, 1, 0, 1]
        first = self.random.normal(truth * self.random.random() * 2, 1)
        second = first + self.random.normal(0, 0.5, rows)
        return (truth, *(numpy.round((first, second), 0 if number % 3 == 0 else 9)))

    def test_delong(self):
        single, pairs, of_one, of_two = [], [], [], []
        while len(single) < CASES:
            truth, first, second = self.case(len(single))
            (p1, n1), (p2, n2) = self.placements(truth, first), self.placements(truth, second)
            area, variance = p1.mean(), p1.var(ddof=1) / len(p1) + n1.var(ddof=1) / len(n1)
            covariance = numpy.cov(p1, p2) / len(p1) + numpy.cov(n1, n2) / len(n1)
            apart = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
            if variance < 1e-9 or not 0 < area < 1 or apart < 1e-9:
                continue
            z = stats.norm.ppf(0.975)
            logit = numpy.log(area / (1 - area)) + z * numpy.sqrt(variance) / (area * (1 - area)) * numpy.array([-1, 1])
            single.append((0.95, truth, first))
            of_one.append([area, variance, *(1 / (1 + numpy.exp(-logit)))])
            gap = area - p2.mean()
            pairs.append((0.95, truth, first, second))
            of_two.append([area, p2.mean(), apart, gap / numpy.sqrt(apart), 2 * stats.norm.sf(abs(gap) / numpy.sqrt(apart)),
                           gap - z * numpy.sqrt(apart), gap + z * numpy.sqrt(apart)])
        self.check("auroc_estimate", single, of_one, absolute=1e-14)
        self.check("compare_auroc", pairs, of_two, absolute=1e-13)

    def test_edges(self):
        perfect = (0.95, [0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6])
        self.assertEqual(ask("auroc_estimate", [perfect])[0][:2], [1, 0])
        self.assertAlmostEqual(ask("auroc_estimate", [perfect])[0][2], 0.025 ** (1 / 3), delta=1e-12)
        self.assertEqual(ask("compare_auroc", [(*perfect, perfect[2])]), [[1, 1, 0, 0, 1, 0, 0]])
        self.refuses("auroc_estimate", [(0.95, [0, 1], [1, 2]), (0.95, [1, 1], [1, 2]), (2, [0, 0, 1, 1], [1, 2, 3, 4])])
        self.refuses("compare_auroc", [(0.95, [0, 0, 1, 1], [1, 2, 3, 4], [1, 2, 3]), (0.95, [0, 1], [1, 2], [1, 2])])


class Bootstrap(ReferenceTest):
    def test_draws_and_intervals(self):
        cases, expected = [], []
        for number in range(CASES):
            rows, seed = int(self.random.integers(2, 30)), int(self.random.integers(0, 2 ** 50))
            # Multiples of 1/64: sums are exact, so a replicate that equals the estimate does so in any order of summing.
            first, second = numpy.round(self.random.exponential(1, (2, rows)) * (1 if number % 5 == 0 else 64)) / 64
            bias_corrected, confidence = number % 2, float(self.random.choice([0.8, 0.95]))
            generator = Generator(seed)
            drawn = numpy.array([[generator.below(rows) for _ in range(rows)] for _ in range(100)])
            replicates = (first - second)[drawn].mean(1)
            reference = stats.bootstrap(
                ((first - second),), numpy.mean, n_resamples=0, confidence_level=confidence, axis=-1,
                method="BCa" if bias_corrected else "percentile",
                bootstrap_result=types.SimpleNamespace(bootstrap_distribution=replicates))
            interval = reference.confidence_interval
            cases.append((seed, 100, confidence, bias_corrected, first, second))
            nothing = numpy.isnan(interval.low)  # scipy has no interval where nothing varies
            estimate = (first - second).mean()
            expected.append([estimate, *([estimate] * 2 if nothing else [interval.low, interval.high]), *replicates])
        wrong = self.differences("paired_bootstrap", cases, expected, absolute=1e-13)
        self.assertEqual(wrong[:2], [])
        self.refuses("paired_bootstrap", [(1, 99, 0.95, 0, [1.0], [1.0]), (1, 100, 1.0, 0, [1.0], [1.0]),
                                          (1, 100, 0.95, 0, [], []), (1, 100, 0.95, 0, [numpy.nan], [1.0])])


class Fairness(ReferenceTest):
    @staticmethod
    def difference(first, second, confidence):
        (l1, u1), (l2, u2) = (stats.binomtest(*rate).proportion_ci(confidence, "wilson") for rate in (first, second))
        p, q = first[0] / first[1], second[0] / second[1]
        return p - q - numpy.hypot(p - l1, u2 - q), p - q + numpy.hypot(u1 - p, q - l2)

    def gap(self, rates, confidence):
        pairs = list(itertools.combinations(rates, 2))
        bounds = [self.difference(*pair, 1 - (1 - confidence) / len(pairs)) for pair in pairs]
        values = [k / n for k, n in rates]
        return [max(values) - min(values), max(0, *(max(low, -high) for low, high in bounds)),
                max(max(high, -low) for low, high in bounds)]

    def groups(self, count):
        trials = [int(n) for n in self.random.integers(1, 2000, count)]
        return [(int(self.random.binomial(n, self.random.random())), n) for n in trials]

    def test_gaps(self):
        cases, expected, both, odds, quotients = [], [], [], [], []
        for _ in range(CASES):
            count, confidence = int(self.random.integers(2, 6)), float(self.random.choice([0.9, 0.95]))
            first, second = self.groups(count), self.groups(count)
            cases.append((confidence, [k for k, _ in first], [n for _, n in first]))
            expected.append(self.gap(first, confidence))
            values = [k / n for k, n in first]
            quotients.append([min(values) / max(values) if max(values) else 1.0])
            both.append((*cases[-1], [k for k, _ in second], [n for _, n in second]))
            of = [self.gap(rates, 1 - (1 - confidence) / 2) for rates in (first, second)]
            odds.append(numpy.max(of, 0))
        self.check("rate_gap", cases, expected, absolute=1e-14)
        self.check("odds_gap", both, odds, absolute=1e-14)
        self.check("rate_quotient", cases, quotients)
        for (value, low, high), case in zip(ask("rate_quotient", cases), cases):
            self.assertTrue(0 <= low <= value <= high <= 1, case)
        self.refuses("rate_gap", [(0.95, [1], [2]), (0.95, [1, 0], [2, 0]), (0.95, [3, 0], [2, 1]), (1.0, [1, 1], [2, 2])])
        self.refuses("odds_gap", [(0.95, [1, 1], [2, 2], [1, 1, 1], [2, 2, 2])])


if __name__ == "__main__":
    unittest.main()
