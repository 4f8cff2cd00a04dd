"""Metrics against scikit-learn, or against their definition written out another way."""
import unittest
import warnings

import numpy
from scipy import stats
from sklearn import metrics

from reference import CASES, ReferenceTest, ask

warnings.filterwarnings("ignore")


class Metrics(ReferenceTest):
    def scored(self, number):
        """Outcomes with both classes and scores: every third case with many ties, sizes from 2."""
        rows = int(self.random.integers(2, 12)) if number % 4 == 0 else int(self.random.integers(12, 300))
        truth = self.random.integers(0, 2, rows)
        truth[:2] = [0, 1]
        scores = self.random.random(rows) * 0.7 + truth * self.random.random() * 0.3
        if number % 3 == 0:
            scores = numpy.round(scores, 1)
        if number % 7 == 0:
            scores[self.random.integers(0, rows, rows // 2)] = self.random.integers(0, 2)
        return truth, scores

    def test_classification(self):
        cases, expected = [], []
        for number in range(CASES):
            classes = 2 if number % 2 else int(self.random.integers(2, 9))
            rows = int(self.random.integers(1, 200))
            truth, predicted = self.random.integers(0, classes, (2, rows))
            if number % 5 == 0:
                predicted[:] = predicted[0]
            cases.append((classes, truth, predicted))
            row = [metrics.accuracy_score(truth, predicted)]
            for average in ("macro", "micro", "weighted"):
                row += metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)[:3]
            row += [scores[1] for scores in metrics.precision_recall_fscore_support(
                truth, predicted, labels=range(classes), zero_division=0)[:3]]
            expected.append(row + list(metrics.confusion_matrix(truth, predicted, labels=range(classes)).ravel()))
        self.check("classification", cases, expected)
        self.refuses("classification", [(2, [], []), (2, [1], [1, 0]), (2, [2], [0]), (1, [0], [0]), (5000, [0], [0])])

    def test_ranking(self):
        cases = [self.scored(number) for number in range(CASES)]
        self.check("auroc", cases, [metrics.roc_auc_score(*case) for case in cases])
        self.check("average_precision", cases, [metrics.average_precision_score(*case) for case in cases])
        bad = [([0, 1], [0.5, numpy.nan]), ([1, 1], [0.5, 0.6]), ([], []), ([0, 1], [0.5]), ([0, 2], [0.5, 0.6])]
        self.refuses("auroc", bad)
        self.refuses("average_precision", bad)

    def test_log_loss(self):
        cases = [self.scored(number) for number in range(CASES)]
        self.check("log_loss", cases, [metrics.log_loss(*case) for case in cases])
        cases, expected = [], []
        for _ in range(CASES):
            classes, rows = int(self.random.integers(2, 7)), int(self.random.integers(1, 80))
            truth = self.random.integers(0, classes, rows)
            chances = self.random.dirichlet(numpy.full(classes, 0.3), rows)
            cases.append((classes, truth, chances.ravel()))
            expected.append(metrics.log_loss(truth, chances, labels=range(classes)))
        self.check("log_loss_of_classes", cases, expected)
        self.refuses("log_loss", [([0, 1], [0.5, 1.5]), ([0, 1], [0.5, numpy.nan]), ([], []), ([2], [0.5])])
        self.refuses("log_loss_of_classes", [(3, [0], [0.5, 0.5]), (2, [2], [0.5, 0.5])])

    @staticmethod
    def bins(chances, count, equal_mass):
        if equal_mass:
            firsts = stats.rankdata(chances, method="min") - 1
            return numpy.array([int(first) * count // len(chances) for first in firsts])
        return numpy.minimum((chances * count).astype(int), count - 1)

    def test_calibration(self):
        cases, parts, errors = [], [], []
        for number in range(CASES):
            truth, chances = self.scored(number)
            count, equal_mass = int(self.random.integers(1, 30)), number % 2
            cases.append((count, equal_mass, truth, chances))
            of = self.bins(chances, count, equal_mass)
            means = numpy.array([chances[of == b].mean() for b in of])
            rates = numpy.array([truth[of == b].mean() for b in of])
            within = numpy.mean((chances - means) ** 2) - 2 * numpy.mean((chances - means) * (truth - rates))
            parts.append([metrics.brier_score_loss(truth, chances), numpy.mean((means - rates) ** 2),
                          numpy.mean((rates - truth.mean()) ** 2), truth.mean() * (1 - truth.mean()), within])
            errors.append(numpy.mean(numpy.abs(means - rates)))
        # Differences of nearly equal numbers: digits are lost in any order of summing.
        self.check("brier", cases, parts, absolute=1e-14)
        self.check("calibration_error", cases, errors, absolute=1e-14)
        for score, reliability, resolution, uncertainty, within in ask("brier", cases):
            self.assertAlmostEqual(score, reliability - resolution + uncertainty + within, delta=1e-13)
        self.refuses("brier", [(0, 0, [1], [0.5]), (10, 0, [1], [1.01]), (10, 1, [], []), (10, 1, [1, 0], [0.5])])

    def test_regression(self):
        cases, expected = [], []
        for number in range(CASES):
            rows = int(self.random.integers(2, 200))
            truth = self.random.normal(10.0 ** self.random.integers(-3, 4), 1, rows)
            predicted = truth + self.random.normal(0, 10.0 ** self.random.integers(-3, 2), rows)
            if number % 20 == 0:
                truth[:] = 3.5
            if number % 40 == 0:
                predicted[:] = 3.5
            cases.append((truth, predicted))
            expected.append([metrics.root_mean_squared_error(truth, predicted),
                             metrics.mean_absolute_error(truth, predicted), metrics.r2_score(truth, predicted)])
        self.check("regression", cases, expected, absolute=1e-14)
        self.refuses("regression", [([], []), ([1.0], [1.0]), ([1.0, numpy.inf], [1.0, 2.0]), ([1.0, 2.0], [1.0])])

    def test_quantiles(self):
        cases = [(float(self.random.choice([0, 1, self.random.random()])),
                  numpy.round(self.random.normal(0, 1, int(self.random.integers(1, 100))), 1 + number % 5))
                 for number in range(CASES)]
        self.check("quantile", cases, [numpy.quantile(values, q) for q, values in cases], absolute=1e-15)
        cases, expected = [], []
        for number in range(CASES):
            q = float(self.random.choice([0.5, 0.9, 0.95, 0.99, 0.02]))
            values = numpy.round(self.random.exponential(1, int(self.random.integers(1, 1500))), 2 + number % 6)
            confidence = float(self.random.choice([0.9, 0.95, 0.99]))
            tail, n, ordered = (1 - confidence) / 2, len(values), sorted(values)
            ranks = numpy.arange(1, n + 1)
            low = ranks[stats.binom.cdf(ranks - 1, n, q) <= tail]
            high = ranks[stats.binom.sf(ranks - 1, n, q) <= tail]
            cases.append((q, confidence, values))
            expected.append([ordered[low[-1] - 1] if len(low) else -numpy.inf, ordered[high[0] - 1] if len(high) else numpy.inf])
        self.check("quantile_interval", cases, expected)
        self.refuses("quantile", [(0.5, []), (1.5, [1.0]), (0.5, [numpy.nan])])
        self.refuses("quantile_interval", [(0.0, 0.95, [1.0]), (0.5, 1.0, [1.0]), (0.5, 0.95, [])])

    def test_the_interval_of_a_quantile_is_scipys_where_scipy_has_one(self):
        cases, expected = [], []
        while len(cases) < CASES:
            values = self.random.exponential(1, int(self.random.integers(20, 1500)))
            q = float(self.random.choice([0.3, 0.5, 0.9]))
            reference = stats.quantile_test(values, q=0.0, p=q).confidence_interval(0.95)
            if numpy.isfinite([reference.low, reference.high]).all():
                cases.append((q, 0.95, values))
                expected.append([reference.low, reference.high])
        self.check("quantile_interval", cases, expected)


if __name__ == "__main__":
    unittest.main()
