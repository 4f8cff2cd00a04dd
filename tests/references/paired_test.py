"""Evidence from pairs, confidence sequences and off-policy values, against their formulas written out another way."""
import unittest

import numpy
from scipy import optimize, special

from reference import CASES, ReferenceTest

TILTS = numpy.array([0.02, 0.04, 0.08, 0.15, 0.3, 0.6])


def mixture(logs):
    return special.logsumexp(logs) - numpy.log(len(logs))


def likelihood(events, none, p):
    return special.xlogy(events, p) + special.xlog1py(none, -p)


class Pairs(ReferenceTest):
    def test_rates(self):
        cases, expected = [], []
        for number in range(CASES):
            p0 = float(self.random.uniform(0.001, 0.7))
            events = (self.random.random(int(self.random.integers(1, 800))) < self.random.choice([0, p0, 0.5])).astype(int)
            cases.append((p0, events))
            k, n = events.sum(), len(events)

            def against(bound, rate, of=k):
                return likelihood(of, n - of, rate) - likelihood(of, n - of, bound)

            def above(bound, of=k):
                odds = numpy.array([1.25, 1.5, 2, 3, 5, 10, 30, 100]) * bound / (1 - bound)
                return mixture([against(bound, o / (1 + o), of) for o in odds])
            below = mixture([against(p0, share * p0) for share in (0, 0.25, 0.5, 0.75)])
            expected.append([above(p0), below, mixture([above(0.5), above(0.5, n - k)])])
        self.check("rates", cases, expected, absolute=1e-9)

    def test_pairs(self):
        cases, expected = [], []
        for _ in range(CASES):
            count, reference = int(self.random.integers(30, 300)), int(self.random.integers(8, 29))
            control = self.random.random(count)
            candidate = numpy.clip(control + numpy.round(self.random.normal(0.05, 0.2, count), 1), 0, 1)
            bound = float(self.random.uniform(-0.5, 0.5))
            cases.append((bound, reference, control, candidate))
            d = candidate - control
            moved = d[d != 0]
            sizes = numpy.cumsum(numpy.abs(moved)) / numpy.arange(1, len(moved) + 1)
            scores = numpy.tanh(moved[1:] / sizes[:-1])

            def tilted(tilts):
                return mixture([numpy.log(1 + tilt * scores).sum() for tilt in tilts])

            def mean(sign):
                most = 1 / (1 + sign * bound)
                return mixture([numpy.log(1 + bet * most * sign * (d - bound)).sum() for bet in (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)])
            first = numpy.sort(control[:reference])
            coins, distances = [], []
            for octile in range(1, 8):
                threshold = first[int(octile / 8 * reference)]
                one, other = control[reference:] > threshold, candidate[reference:] > threshold
                heads, tails = int((other & ~one).sum()), int((one & ~other).sum())
                odds = numpy.array([1.25, 1.5, 2, 3, 5, 10, 30, 100])
                rates = odds / (1 + odds)
                coins.append(mixture([likelihood(a, b, p) + (a + b) * numpy.log(2)
                                      for a, b in ((heads, tails), (tails, heads)) for p in rates]))
                distances.append(abs(other.mean() - one.mean()))
            expected.append([tilted([*TILTS, *-TILTS]), tilted(TILTS), mean(1), mean(-1), mixture(coins), max(distances)])
        self.check("pairs", cases, expected, absolute=1e-11)


class ConfidenceSequences(ReferenceTest):
    def test_rate_sequence(self):
        """Of confseq: the beta-binomial mixture in its own form (s, v, g, h), its root by Brent's method."""
        cases, expected = [], []
        for number in range(CASES):
            n = int(self.random.integers(1, 10 ** self.random.integers(1, 6)))
            k = [0, n, int(self.random.binomial(n, self.random.random()))][number % 3] if number < 60 else \
                int(self.random.binomial(n, 10.0 ** self.random.uniform(-3, -0.01)))
            alpha, best = float(self.random.choice([0.001, 0.05, 0.2])), float(10 ** self.random.uniform(0.5, 5))
            cases.append((k, n, alpha, best))

            def excess(p):
                g, h = p, 1 - p
                v_opt, log = best * g * h, numpy.log(1 / 0.05)
                r = max(v_opt / (2 * log + numpy.log(1 + 2 * log)) - g * h, 1e-3 * g * h)
                s, v = k - n * p, n * g * h
                return -(v + h * s) / h * numpy.log(g) - (v - g * s) / g * numpy.log(h) + \
                    special.betaln((r + v - g * s) / g, (r + v + h * s) / h) - special.betaln(r / g, r / h) - numpy.log(1 / alpha)
            middle = min(max(k / n, 1e-12), 1 - 1e-12)

            def root(function, end, of):
                """Where one trial told little, the mixture stays low up to the end, and nothing is excluded."""
                return optimize.brentq(function, end, of, xtol=1e-300, rtol=8.9e-16) if function(end) > 0 else 0.0
            low = 0.0 if k == 0 else root(excess, 1e-60, middle)
            high = 1.0 if k == n else 1 - root(lambda q: excess(1 - q), 1e-15, 1 - middle)
            expected.append([low, high])
        self.check("rate_sequence", cases, expected)
        self.refuses("rate_sequence", [(3, 2, 0.05, 100.0), (1, 2, 0.0, 100.0), (1, 2, 0.05, 0.0), (1, 2, numpy.nan, 100.0)])

    def test_distribution_band(self):
        cases = [(int(10 ** self.random.uniform(2, 9)), float(self.random.uniform(0.001, 0.5))) for _ in range(CASES)]
        self.check("distribution_band", cases, [min(1, 0.85 * numpy.sqrt((numpy.log(1 + numpy.log(n / 100)) + 0.8 * numpy.log(1612 / alpha)) / n))
                                                for n, alpha in cases])

    def test_bernstein_interval(self):
        """Of confseq's betting.py, the predictable-mixture empirical Bernstein sequence and its running intersection."""
        cases, expected = [], []
        for number in range(CASES):
            y = self.random.beta(*self.random.uniform(0.2, 3, 2), int(self.random.integers(1, 400)))
            if number % 3 == 0:
                y = numpy.round(y)
            alpha = float(self.random.choice([0.01, 0.05, 0.2]))
            cases.append((alpha, y))
            t = numpy.arange(1, len(y) + 1)
            mean = (0.5 + numpy.cumsum(y)) / (t + 1)
            variance = (0.25 + numpy.cumsum((y - mean) ** 2)) / (t + 1)
            mean_before, variance_before = numpy.append(0.5, mean[:-1]), numpy.append(0.25, variance[:-1])
            bet = numpy.minimum(0.5, numpy.sqrt(2 * numpy.log(2 / alpha) / (variance_before * t * numpy.log(1 + t))))
            v, psi = 4 * (y - mean_before) ** 2, (-numpy.log(1 - bet) - bet) / 4
            half = (numpy.log(2 / alpha) + numpy.cumsum(v * psi)) / numpy.cumsum(bet)
            centre = numpy.cumsum(bet * y) / numpy.cumsum(bet)
            low, high = max(0, (centre - half).max()), min(1, (centre + half).min())
            expected.append(sorted([low, high]))
        self.check("bernstein", cases, expected, absolute=1e-13)


class OffPolicy(ReferenceTest):
    def test_values(self):
        cases, expected = [], []
        for number in range(CASES):
            n, largest = int(self.random.integers(2, 300)), float(self.random.uniform(1, 30))
            probability, target, reward, model, action = self.random.uniform(0.02, 1, (5, n))
            if number % 2:
                target = (target > 0.5).astype(float)
                target[0] = 1.0
            if number % 3 == 0:
                model, action = numpy.zeros(n), numpy.zeros(n)
            cases.append((largest, 0.05, probability, target, reward, model, action))
            w = numpy.minimum(target / probability, largest)
            robust = model + w * (reward - action)
            average = numpy.average(reward, weights=w)
            expected.append([(w * reward).mean(), average, robust.mean(), robust.std(ddof=1) / numpy.sqrt(n), w.sum() ** 2 / (w ** 2).sum(),
                             numpy.average((reward - average) ** 2, weights=w)])
        self.check("off_policy", cases, expected, absolute=1e-14)
        self.refuses("off_policy", [(0.5, 0.05, [0.5], [1.0], [1.0], [0.0], [0.0]), (10.0, 0.05, [0.0], [1.0], [1.0], [0.0], [0.0]),
                                    (10.0, 0.05, [0.5], [1.0], [1.5], [0.0], [0.0])])


    def test_linear_rewards(self):
        cases, expected = [], []
        for _ in range(CASES):
            features, count, ridge = int(self.random.integers(1, 7)), int(self.random.integers(0, 60)), float(self.random.uniform(0.1, 3))
            x, r, w = self.random.normal(0, 1, (count, features)), self.random.random(count), self.random.uniform(0.1, 5, count)
            at = self.random.normal(0, 1, features)
            cases.append((features, ridge, x.ravel(), r, w, at))
            inverse = numpy.linalg.inv(ridge * numpy.eye(features) + (w[:, None] * x).T @ x)
            expected.append([at @ inverse @ (x.T @ (w * r)), numpy.sqrt(at @ inverse @ at)])
        self.check("linear_reward", cases, expected, absolute=1e-12)


class WrongFormulas(ReferenceTest):
    """Controls: what is nearly right has to be found out."""

    def test_bernstein_that_peeks_at_the_present_value(self):
        cases, wrong = [], []
        for _ in range(CASES):
            y = self.random.random(50)
            cases.append((0.05, y))
            t = numpy.arange(1, 51)
            mean = (0.5 + numpy.cumsum(y)) / (t + 1)
            variance = (0.25 + numpy.cumsum((y - mean) ** 2)) / (t + 1)
            bet = numpy.minimum(0.5, numpy.sqrt(2 * numpy.log(40) / (variance * t * numpy.log(1 + t))))
            half = (numpy.log(40) + numpy.cumsum((y - mean) ** 2 * (-numpy.log(1 - bet) - bet))) / numpy.cumsum(bet)
            centre = numpy.cumsum(bet * y) / numpy.cumsum(bet)
            wrong.append([max(0, (centre - half).max()), min(1, (centre + half).min())])
        self.assertGreaterEqual(len(self.differences("bernstein", cases, wrong)), CASES // 2)

    def test_rates_without_what_did_not_happen(self):
        cases, wrong = [], []
        for _ in range(CASES):
            events = (self.random.random(200) < 0.1).astype(int)
            cases.append((0.05, events))
            odds = numpy.array([1.25, 1.5, 2, 3, 5, 10, 30, 100]) * 0.05 / 0.95
            wrong.append(mixture([events.sum() * numpy.log(o / (1 + o) / 0.05) for o in odds]))
        self.assertEqual(len(self.differences("rates", cases, wrong)), CASES)


if __name__ == "__main__":
    unittest.main()
