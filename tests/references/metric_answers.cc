#include "answers.h"
#include "domain/stats/calibration.h"
#include "domain/stats/classification.h"
#include "domain/stats/fairness.h"
#include "domain/stats/quantile.h"
#include "domain/stats/ranking.h"
#include "domain/stats/regression.h"

namespace slipway::references {
namespace {

using Flags = std::vector<std::uint8_t>;
using Classes = std::vector<std::uint32_t>;

Answer classification(Arguments& in) {
  const std::uint64_t classes = in.count();
  const Classes truth = in.list<std::uint32_t>(), predicted = in.list<std::uint32_t>();
  const stats::ConfusionMatrix matrix = TRY(stats::confusion(truth, predicted, static_cast<std::uint32_t>(classes)));
  std::vector<double> out{stats::accuracy(matrix)};
  const auto add = [&out](const stats::PrecisionRecall& found) {
    out.insert(out.end(), {found.precision, found.recall, found.f1});
  };
  add(stats::precision_recall(matrix, stats::Averaging::Macro));
  add(stats::precision_recall(matrix, stats::Averaging::Micro));
  add(stats::precision_recall(matrix, stats::Averaging::Weighted));
  add(stats::precision_recall_of(matrix, 1));
  out.insert(out.end(), matrix.counts.begin(), matrix.counts.end());
  return out;
}

stats::Bins bins_of(Arguments& in) {
  const std::uint64_t count = in.count();
  return {static_cast<std::uint32_t>(count), static_cast<stats::Binning>(in.count())};
}

Answer brier(Arguments& in) {
  const stats::Bins bins = bins_of(in);
  const Flags outcomes = in.list<std::uint8_t>();
  const stats::BrierParts parts = TRY(stats::brier(outcomes, in.numbers(), bins));
  return std::vector<double>{parts.score, parts.reliability, parts.resolution, parts.uncertainty, parts.within_bins};
}

Answer auroc_estimate(Arguments& in) {
  const double confidence = in.number();
  const Flags truth = in.list<std::uint8_t>();
  const stats::AurocEstimate found = TRY(stats::auroc_estimate(truth, in.numbers(), confidence));
  return std::vector<double>{found.value, found.variance, found.interval.low, found.interval.high};
}

Answer compare_auroc(Arguments& in) {
  const double confidence = in.number();
  const Flags truth = in.list<std::uint8_t>();
  const std::vector<double> first = in.numbers(), second = in.numbers();
  const stats::AurocComparison found = TRY(stats::compare_auroc(truth, first, second, confidence));
  return std::vector<double>{found.first,        found.second,       found.variance,     found.test.statistic,
                             found.test.p_value, found.interval.low, found.interval.high};
}

std::vector<stats::Rate> rates_of(Arguments& in) {
  const std::vector<std::uint64_t> successes = in.list<std::uint64_t>(), trials = in.list<std::uint64_t>();
  std::vector<stats::Rate> rates;
  for (std::size_t i = 0; i < successes.size(); ++i) rates.push_back({successes[i], trials[i]});
  return rates;
}

Answer gap(Result<stats::RateGap> result) {
  const stats::RateGap found = TRY(std::move(result));
  return std::vector<double>{found.value, found.interval.low, found.interval.high};
}

}  // namespace

Answers metric_answers() {
  Answers answers;
  answers["classification"] = classification;
  answers["auroc"] = [](Arguments& in) {
    const Flags truth = in.list<std::uint8_t>();
    return one(stats::auroc(truth, in.numbers()));
  };
  answers["average_precision"] = [](Arguments& in) {
    const Flags truth = in.list<std::uint8_t>();
    return one(stats::average_precision(truth, in.numbers()));
  };
  answers["auroc_estimate"] = auroc_estimate;
  answers["compare_auroc"] = compare_auroc;
  answers["log_loss"] = [](Arguments& in) {
    const Flags outcomes = in.list<std::uint8_t>();
    return one(stats::log_loss(outcomes, in.numbers()));
  };
  answers["log_loss_of_classes"] = [](Arguments& in) {
    const auto classes = static_cast<std::uint32_t>(in.count());
    const Classes truth = in.list<std::uint32_t>();
    return one(stats::log_loss(truth, in.numbers(), classes));
  };
  answers["brier"] = brier;
  answers["calibration_error"] = [](Arguments& in) {
    const stats::Bins bins = bins_of(in);
    const Flags outcomes = in.list<std::uint8_t>();
    return one(stats::calibration_error(outcomes, in.numbers(), bins));
  };
  answers["regression"] = [](Arguments& in) -> Answer {
    const std::vector<double> truth = in.numbers(), predicted = in.numbers();
    return std::vector<double>{TRY(stats::root_mean_squared_error(truth, predicted)),
                               TRY(stats::mean_absolute_error(truth, predicted)),
                               TRY(stats::r_squared(truth, predicted))};
  };
  answers["quantile"] = [](Arguments& in) {
    const double q = in.number();
    return one(stats::quantile(in.numbers(), q));
  };
  answers["quantile_interval"] = [](Arguments& in) {
    const double q = in.number(), confidence = in.number();
    return both(stats::quantile_interval(in.numbers(), q, confidence));
  };
  answers["rate_gap"] = [](Arguments& in) {
    const double confidence = in.number();
    return gap(stats::rate_gap(rates_of(in), confidence));
  };
  answers["rate_quotient"] = [](Arguments& in) {
    const double confidence = in.number();
    return gap(stats::rate_quotient(rates_of(in), confidence));
  };
  answers["odds_gap"] = [](Arguments& in) {
    const double confidence = in.number();
    const std::vector<stats::Rate> of_true = rates_of(in), of_false = rates_of(in);
    return gap(stats::odds_gap(of_true, of_false, confidence));
  };
  return answers;
}

}  // namespace slipway::references
