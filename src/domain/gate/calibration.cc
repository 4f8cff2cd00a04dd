// The calibration gate: probabilities mean what they say, within declared errors.
#include "domain/stats/calibration.h"
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"
#include "domain/gate/metric_estimate.h"

namespace slipway::gate {
namespace {

// The measurement as a hold-out of two classes, so that the one bootstrap of metrics serves here too.
HoldOut as_hold_out(const CalibrationMeasurement& measured) {
  HoldOut data;
  for (std::size_t row = 0; row < measured.outcomes.size(); ++row) {
    const double probability = measured.probabilities[row];
    data.truth_classes.push_back(measured.outcomes[row]);
    data.candidate.classes.push_back(1);
    data.candidate.probabilities.insert(data.candidate.probabilities.end(), {1 - probability, probability});
  }
  return data;
}

Evidence judge_error(std::string subject, const Result<Estimate>& found, double limit, std::size_t rows) {
  Evidence row{.subject = std::move(subject), .limit = limit, .count = rows};
  if (!found.ok()) {
    row.detail = found.error().message;
    return row;
  }
  row.found = found->value;
  row.interval = found->interval;
  row.outcome = at_most(found->interval, limit);
  row.detail = text_of(found->value) + ", in " + text_of(found->interval) + " (" + found->method + "), at most " +
               text_of(limit) + " asked";
  if (row.outcome == Outcome::Inconclusive) {
    const double bound = found->value > limit ? found->interval.low : found->interval.high;
    row.detail += "; " + rows_needed(rows, found->value, bound, limit);
  }
  return row;
}

void tell_parts(const CalibrationMeasurement& measured, const stats::Bins& bins, std::vector<Evidence>& rows) {
  const Result<stats::BrierParts> parts = stats::brier(measured.outcomes, measured.probabilities, bins);
  if (!parts.ok()) return;
  const auto tell = [&](std::string subject, double value, std::string detail) {
    rows.push_back({.subject = std::move(subject),
                    .outcome = Outcome::Pass,
                    .found = value,
                    .count = measured.outcomes.size(),
                    .detail = std::move(detail)});
  };
  tell("reliability", parts->reliability, "the Brier score's part from miscalibration; 0 is best");
  tell("resolution", parts->resolution, "its part won by telling rows apart; large is good");
  tell("uncertainty", parts->uncertainty, "its part from the outcomes themselves");
}

}  // namespace

Verdict judge_calibration(const CalibrationPolicy& policy, const CalibrationMeasurement& measured,
                          const Resampling& resampling) {
  const stats::Bins bins{policy.bins, stats::Binning::EqualMass};
  const Result<double> error = stats::calibration_error(measured.outcomes, measured.probabilities, bins);
  if (!error.ok()) return {Outcome::Inconclusive, error.error().message, {}};
  const std::size_t rows = measured.outcomes.size();
  if (rows < policy.least_rows) {
    return {Outcome::Inconclusive,
            "expected at least " + plural(policy.least_rows, "row") + ", found " + std::to_string(rows) + ": " +
                std::to_string(policy.least_rows - rows) + " more needed",
            {}};
  }
  if (!policy.ece && !policy.brier) return {Outcome::Inconclusive, "no limit is declared", {}};
  const HoldOut data = as_hold_out(measured);
  const std::vector<std::uint32_t> every = all_rows(data);
  std::vector<Evidence> evidence;
  const auto judge_metric = [&](std::string subject, Metric metric, double limit) {
    const Result<Estimate> found = estimate(data, metric, every, two_sided(policy.confidence), resampling, bins);
    evidence.push_back(judge_error(std::move(subject), found, limit, rows));
  };
  if (policy.ece) judge_metric("expected calibration error", Metric::Ece, *policy.ece);
  if (policy.brier) judge_metric("Brier score", Metric::Brier, *policy.brier);
  tell_parts(measured, bins, evidence);
  return conclude(std::move(evidence), "probabilities mean what they say", "");
}

}  // namespace slipway::gate
