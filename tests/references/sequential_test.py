"""Evidence that may be looked at at any time, and planned looks, against their formulas written out another way."""
import unittest

import numpy
from scipy import integrate, optimize, special, stats

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

    def test_risk_ratio_and_its_interval(self):
        """The ratio by the score equation; its interval by the mixture around each ratio, to 1e-4 outwards."""
        cases, expected, roots = [], [], []
        around = numpy.array([1 / 2, 2 / 3, 4 / 5, 10 / 11, 11 / 10, 5 / 4, 3 / 2, 2])
        while len(cases) < CASES:
            steps = int(self.random.integers(1, 5))
            shares = self.random.uniform(0.02, 0.6, steps)
            everything = self.random.integers(5, 10 ** self.random.integers(1, 5), steps)
            truth = float(numpy.exp(self.random.uniform(-1, 1)))
            candidate = self.random.binomial(everything, shares * truth / (shares * truth + 1 - shares))
            if not 0 < candidate.sum() < everything.sum():
                continue
            alpha = float(self.random.choice([0.01, 0.05, 0.2]))

            def score(log):
                odds = shares * numpy.exp(log)
                return (everything * odds / (odds + 1 - shares)).sum() - candidate.sum()

            def logs(ratio):
                return candidate.sum() * numpy.log(ratio) - (everything * numpy.log1p(shares * (ratio - 1))).sum()

            def excess(log):
                ratio = numpy.exp(log)
                return special.logsumexp([logs(ratio * k) for k in around]) - numpy.log(len(around)) - logs(ratio) + numpy.log(alpha)
            middle, widest = optimize.brentq(score, -13, 13, xtol=1e-14), numpy.log(1e6)
            cases.append((alpha, shares, candidate, everything))
            expected.append([numpy.exp(middle)])
            roots.append([optimize.brentq(excess, end, middle, xtol=1e-13) if excess(end) > 0 else None for end in (-widest, widest)])
        self.check("risk_ratio_bounds", cases, expected)
        for (_, low, high), (least, most) in zip(ask("risk_ratio_bounds", cases), roots, strict=True):
            if least is None:
                self.assertEqual(low, 0)
            else:
                self.assertTrue(-1.001e-4 <= numpy.log(low) - least <= 1e-9, (low, numpy.exp(least)))
            if most is None:
                self.assertEqual(high, numpy.inf)
            else:
                self.assertTrue(-1e-9 <= numpy.log(high) - most <= 1.001e-4, (high, numpy.exp(most)))
        self.refuses("risk_ratio_bounds", [(0.0, [0.5], [1], [2]), (0.05, [0.5], [3], [2]), (0.05, [1.0], [1], [2]), (0.05, [0.5], [0], [0])])

    def test_growth_of_evidence(self):
        cases = [(float(numpy.exp(self.random.uniform(-2, 2))), float(self.random.uniform(0.001, 0.999))) for _ in range(CASES)]
        expected = []
        for ratio, rho in cases:
            rate, up, down = rho * ratio + 1 - rho, numpy.log(ratio), -numpy.log(rho * ratio + 1 - rho)
            of = numpy.array([rho * ratio, 1 - rho])  # events of candidate and control for each unit, at rate 1
            steps = numpy.array([up + down, down])
            self.assertAlmostEqual(of.sum(), rate, delta=1e-12)
            expected.append([of @ steps, of @ steps ** 2])
        self.check("growth_of_events", cases, expected, absolute=1e-14)

    def test_level_of_each_of_many_rollouts(self):
        cases = [(float(self.random.uniform(0.001, 0.3)), int(self.random.integers(1, 10 ** 6)), int(self.random.integers(0, 1000))) for _ in range(CASES)]
        self.check("e_lond_level", cases, [a * 6 / (numpy.pi * t) ** 2 * (r + 1) for a, t, r in cases])
        total = sum(level for level, in ask("e_lond_level", [(0.05, t, 0) for t in range(1, 20_001)]))
        self.assertTrue(0.0499 < total < 0.05, "without a rollback all rollouts together spend alpha")

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

    def test_classical_constants(self):
        """Those that are printed, and where the crossing probability is alpha."""
        printed = {(0, 1): 1.960, (0, 2): 1.977, (0, 5): 2.040, (0, 10): 2.087, (1, 1): 1.960, (1, 2): 2.178, (1, 5): 2.413, (1, 10): 2.555}
        for (shape, looks), constant in printed.items():
            found, = ask("boundary_constant", [(shape, 0.05, looks)])[0]
            self.assertAlmostEqual(found, constant, delta=0.0005)
            shares = numpy.arange(1, looks + 1) / looks
            bounds = found * (numpy.ones(looks) if shape else numpy.sqrt(1 / shares))
            self.assertAlmostEqual(self.crossing(bounds, shares, 0.0), 0.05, delta=1e-11)
        self.refuses("boundary_constant", [(0, 0.0, 10), (0, 0.05, 0), (1, 0.05, 21)])

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
