"""Evidence that may be looked at at any time, and planned looks, against their formulas written out another way."""
import unittest

import numpy
from scipy import integrate, special, stats

from reference import CASES, ReferenceTest, ask

RATIOS = numpy.array([1.25, 1.5, 2, 3, 5, 10])
TILTS = numpy.array([0.02, 0.04, 0.08, 0.15, 0.3, 0.6])


class AnytimeValid(ReferenceTest):
    def test_risk_ratio(self):
        cases, expected = [], []
        for _ in range(CASES):
            steps = int(self.random.integers(1, 6))
            shares = self.random.uniform(0.01, 0.6, steps)
            everything = self.random.integers(0, 10 ** self.random.integers(1, 6), steps)
            candidate = self.random.binomial(everything, shares)
            margin = float(self.random.uniform(1.05, 4))
            cases.append((margin, shares, candidate, everything))

            def logs(ratio):
                return candidate.sum() * numpy.log(ratio) - (everything * numpy.log(shares * ratio + 1 - shares)).sum()
            expected.append([special.logsumexp([logs(r) for r in RATIOS]) - numpy.log(len(RATIOS)), -logs(margin)])
        self.check("risk_ratio", cases, expected, absolute=1e-8)
        cases = [(float(self.random.choice([0.5, 1.2, 2, 5])), float(self.random.uniform(0.01, 0.9)), 0.05) for _ in range(CASES)]
        expected = []
        for ratio, rho, alpha in cases:
            p = rho * ratio / (rho * ratio + 1 - rho)
            expected.append(-numpy.log(alpha) / (special.rel_entr(p, rho) + special.rel_entr(1 - p, 1 - rho)))
        self.check("events_to_detect", cases, expected)

    def test_assignment_likelihood_ratio(self):
        cases, expected = [], []
        for _ in range(CASES):
            units = int(self.random.integers(1, 300))
            shares = self.random.uniform(0.01, 0.99, units)
            arms = (self.random.random(units) < shares).astype(int)
            weights, scores = self.random.lognormal(0, 1, units), self.random.uniform(-1, 1, units)
            cases.append((arms, shares, weights, scores))

            def evidence(g):
                return numpy.log(numpy.where(arms, g, 1) / (shares * g + 1 - shares)).sum()
            tilts = [evidence(1 + tilt * scores) for tilt in (*TILTS, *-TILTS)]
            expected.append([evidence(weights), special.logsumexp(tilts) - numpy.log(len(tilts))])
        self.check("assignment", cases, expected, absolute=1e-11)
        self.refuses("assignment", [([1], [1.0], [1.0], [0.0]), ([1], [0.5], [-1.0], [0.0]), ([1], [0.5], [1.0], [2.0])])

    def test_bets_on_units(self):
        cases, expected = [], []
        for _ in range(CASES):
            units = int(self.random.integers(1, 250))
            shares = self.random.choice(self.random.uniform(0.01, 0.95, 3), units)
            shares.sort()
            arms = (self.random.random(units) < shares).astype(int)
            values = self.random.random(units) * 0.999
            k, d = float(self.random.uniform(0.5, 1.5)), float(self.random.uniform(0, 0.3))
            q, null = float(self.random.uniform(0.05, 0.7)), float(self.random.uniform(0.8, 2))
            cases.append((k, d, q, null, arms, shares, values))

            def mixture(logs):
                return special.logsumexp(logs) - numpy.log(len(logs))

            def z(arm, y):
                return numpy.where(arm, y / shares, -k * y / (1 - shares)) - d

            def difference(sign):
                worst = numpy.min([sign * z(1, 0), sign * z(1, 1), sign * z(0, 1)], axis=0)
                scale = shares * (1 - shares)
                most = 0.9 / numpy.maximum(-worst * scale, 1e-12)
                return mixture([numpy.log1p(numpy.minimum(bet, most) * scale * sign * z(arms, values)).sum()
                                for bet in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)])

            def evidence(g, over=slice(None)):
                return numpy.log(numpy.where(arms, g, 1) / (shares * g + 1 - shares))[over].sum()
            bins, weights = (8 * values).astype(int), numpy.empty(units)
            for i in range(units):
                of = [numpy.bincount(bins[:i][arms[:i] == arm], minlength=8) + 1 for arm in (0, 1)]
                weights[i] = (of[1][bins[i]] / of[1].sum()) / (of[0][bins[i]] / of[0].sum())
            frequent = [evidence(numpy.where(values < q, r, (1 - q * r) / (1 - q))) if q * r < 0.95 else 0.0
                        for r in (1.1, 1.25, 1.5, 1.8)]
            mismatch = [0.0, 0.0, 0.0]
            for share in numpy.unique(shares):
                chosen = arms[shares == share]
                n, c = len(chosen), chosen.sum()
                for i, total in enumerate((50, 500, 5000)):
                    a, b = total * share, total * (1 - share)
                    mismatch[i] += special.betaln(a + c, b + n - c) - special.betaln(a, b) \
                        - c * numpy.log(share) - (n - c) * numpy.log1p(-share)
            rare = values < 0.1
            events = [(arms[rare] * numpy.log(r) - numpy.log((shares[rare] * r * null + 1 - shares[rare])
                                                             / (shares[rare] * null + 1 - shares[rare]))).sum() for r in (2, 3)]
            expected.append([difference(1), difference(-1), evidence(weights), mixture(frequent), mixture(mismatch),
                             mixture(events)])
        self.check("assignment_bets", cases, expected, absolute=1e-8)

    def test_e_values_together(self):
        cases, expected = [], []
        for _ in range(CASES):
            logs = numpy.where(self.random.random(30) < 0.3, self.random.uniform(2, 9, 30), self.random.normal(0, 1, 30))
            cases.append((0.05, logs))
            adjusted = stats.false_discovery_control(numpy.minimum(1, numpy.exp(-logs)), method="bh")
            expected.append(adjusted <= 0.05)  # Benjamini and Hochberg on 1/e is e-BH
        self.check("e_bh", cases, expected)

    def test_betting_interval(self):
        cases, expected, grid = [], [], 50
        means = numpy.arange(grid + 1) / grid
        for number in range(CASES):
            values = self.random.beta(*self.random.uniform(0.2, 3, 2), int(self.random.integers(1, 150)))
            if number % 3 == 0:
                values = numpy.round(values)
            alpha = float(self.random.choice([0.01, 0.05, 0.2]))
            averages, spreads = [0.5], [0.25]
            for t in range(1, len(values) + 1):
                averages.append((0.5 + values[:t].sum()) / (t + 1))
                spreads.append((0.25 + ((values[:t] - averages[1:]) ** 2).sum()) / (t + 1))
            up, down = numpy.zeros(grid + 1), numpy.zeros(grid + 1)
            kept = numpy.ones(grid + 1, bool)
            with numpy.errstate(divide="ignore"):
                for t, value in enumerate(values, 1):
                    bet = numpy.sqrt(2 * numpy.log(2 / alpha) / (spreads[t - 1] * t * numpy.log(1 + t)))
                    up += numpy.log(1 + numpy.minimum(bet, 0.5 / means) * (value - means))
                    down += numpy.log(1 - numpy.minimum(bet, 0.5 / (1 - means)) * (value - means))
                    capital = numpy.maximum(up, down) - numpy.log(2)
                    kept &= capital < numpy.log(1 / alpha)
            inside = numpy.flatnonzero(kept)
            if not len(inside):
                continue  # narrower than the grid: what is left is the last point
            cases.append((alpha, grid, values))
            expected.append([means[max(0, inside[0] - 1)], means[min(grid, inside[-1] + 1)], *capital])
        self.check("betting", cases, expected, absolute=1e-11)
        self.refuses("betting", [(0.0, 10, [0.5]), (0.05, 1, [0.5]), (0.05, 10, [1.5]), (0.05, 10, [numpy.nan])])


class GroupSequential(ReferenceTest):
    rule = numpy.polynomial.legendre.leggauss(250)

    def crossing(self, bounds, shares, drift):
        """One less the mass of the paths that stay inside, look after look, by numpy's Gauss-Legendre nodes."""
        nodes, weights = self.rule
        inside = None
        for k, (bound, share) in enumerate(zip(bounds, shares)):
            reach, before = bound * numpy.sqrt(share), shares[k - 1] if k else 0.0
            score, step = reach * nodes, share - before
            if inside is None:
                density = numpy.exp(-(score - drift * share) ** 2 / (2 * share)) / numpy.sqrt(2 * numpy.pi * share)
            else:
                old, mass = inside
                apart = score[:, None] - old[None, :] - drift * step
                density = numpy.exp(-apart ** 2 / (2 * step)) @ mass / numpy.sqrt(2 * numpy.pi * step)
            inside = score, reach * weights * density
        return 1 - inside[1].sum()

    def shares(self):
        looks = int(self.random.integers(1, 7))
        shares = numpy.sort(self.random.choice(numpy.arange(2, 51), looks, replace=False)) / 50.0
        return shares

    def test_spending_functions(self):
        cases = [(float(self.random.uniform(0.001, 0.3)), float(self.random.uniform(0.01, 1))) for _ in range(CASES)]
        self.check("spent", cases, [[2 * stats.norm.sf(stats.norm.isf(a / 2) / numpy.sqrt(t)),
                                     a * numpy.log(1 + (numpy.e - 1) * t)] for a, t in cases], absolute=1e-16)

    def test_crossing_probability(self):
        cases = []
        for _ in range(CASES):
            shares = self.shares()
            cases.append((float(self.random.choice([0.0, 1.0, -2.5])), self.random.uniform(1.2, 4, len(shares)), shares))
        self.check("crossing_probability", cases, [self.crossing(b, s, d) for d, b, s in cases], absolute=1e-12)

    def test_two_looks_by_adaptive_integration(self):
        cases, expected = [], []
        for _ in range(200):
            share, (first, second) = float(self.random.uniform(0.1, 0.9)), self.random.uniform(1.5, 3, 2)
            deviation = numpy.sqrt(1 - share)

            def stays(z):
                low, high = ((edge - z * numpy.sqrt(share)) / deviation for edge in (-second, second))
                return stats.norm._pdf(z) * (special.ndtr(high) - special.ndtr(low))
            cases.append((0.0, [first, second], [share, 1.0]))
            expected.append(1 - integrate.quad(stays, -first, first, epsabs=1e-13, epsrel=1e-12)[0])
        self.check("crossing_probability", cases, expected, absolute=1e-12)

    def test_boundaries_spend_what_they_may_at_every_look(self):
        cases = []
        for number in range(200):
            cases.append((number % 2, float(self.random.choice([0.01, 0.05, 0.1])), self.shares()))
        for (kind, alpha, shares), bounds in zip(cases, ask("spending_boundaries", cases)):
            for look in range(1, len(shares) + 1):
                t = shares[look - 1]
                wanted = (alpha * numpy.log(1 + (numpy.e - 1) * t) if kind else
                          2 * stats.norm.sf(stats.norm.isf(alpha / 2) / numpy.sqrt(t)))
                self.assertAlmostEqual(self.crossing(bounds[:look], shares[:look], 0.0), wanted, delta=1e-11)


if __name__ == "__main__":
    unittest.main()
