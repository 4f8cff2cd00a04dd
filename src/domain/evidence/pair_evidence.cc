#include "domain/evidence/pair_evidence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/invariant.h"
#include "domain/evidence/judgement_words.h"
#include "domain/stats/log_mean.h"

namespace slipway::evidence {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

PairBets::PairBets(const PairMetricPlan& plan) : source_(plan.source), scale_(plan.scale) {
  if (is_share(source_)) {
    more_.emplace_back(stats::Side::Above, plan.most);
    fewer_.emplace_back(stats::Side::Below, plan.most);
    return;
  }
  if (source_ == PairSource::Distribution) {
    margins_.resize(1);
    return;
  }
  const bool is_bias = source_ == PairSource::Bias;
  const double scale = is_bias ? scale_ : 1, d = plan.tolerance_difference / scale;
  if (d > 0) {
    harm_.emplace_back(stats::Side::Below, -d);
    if (is_bias) harm_.emplace_back(stats::Side::Above, d);
  } else if (is_bias) {
    symmetry_.emplace_back(stats::Tilt::TwoSided);
  } else {
    coins_.emplace_back(stats::Side::Above, 0.5);
  }
  if (!plan.margin_difference) return;
  const double margin = *plan.margin_difference / scale;
  safe_.emplace_back(stats::Side::Above, -margin);
  if (is_bias) safe_.emplace_back(stats::Side::Below, margin);
}

void PairBets::event(bool differs) {
  more_.front().trial(differs);
  fewer_.front().trial(differs);
}

void PairBets::difference(double d) {
  for (stats::SymmetryProcess& process : symmetry_) process.difference(d);
  const double y = source_ == PairSource::Bias ? std::clamp(d / scale_, -1.0, 1.0) : d;
  if (d != 0) {
    for (stats::RateProcess& process : coins_) process.trial(d < 0);
  }
  for (stats::MeanProcess& process : harm_) process.value(y);
  for (stats::MeanProcess& process : safe_) process.value(y);
}

void PairBets::values(double control, double candidate) {
  margins_.front().pair(control, candidate);
}

double PairBets::log_harm() const {
  if (source_ == PairSource::Numeric) return 0;
  if (!more_.empty()) return more_.front().log_evidence();
  if (!margins_.empty()) return margins_.front().log_evidence();
  if (!symmetry_.empty()) return symmetry_.front().log_evidence();
  if (!coins_.empty()) return coins_.front().log_evidence();
  std::array<double, 2> logs{};
  for (std::size_t i = 0; i < harm_.size(); ++i) logs.at(i) = harm_[i].log_evidence();
  return stats::log_mean(std::span(logs).first(harm_.size()));
}

std::optional<double> PairBets::log_safe() const {
  if (!fewer_.empty()) return fewer_.front().log_evidence();
  if (safe_.empty()) return std::nullopt;
  double least = kInfinity;
  for (const stats::MeanProcess& process : safe_) least = std::min(least, process.log_evidence());
  return least;
}

PairEvidence::PairEvidence(const PairMetricPlan& plan, std::size_t slices, double alpha)
    : plan_(plan), alpha_(alpha), all_(plan), slices_(slices, PairBets(plan)), mean_(alpha) {}

template <class Bet>
void PairEvidence::bet(std::uint64_t slices, Bet&& bet) {
  ++pairs_;
  bet(all_);
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    if ((slices >> i & 1U) != 0) bet(slices_[i]);
  }
}

void PairEvidence::count(bool differs, std::uint64_t slices) {
  differing_ += differs ? 1 : 0;
  bet(slices, [&](PairBets& bets) { bets.event(differs); });
}

void PairEvidence::note_worst(double control, double candidate) {
  const double apart = std::abs(candidate - control), size = std::isnan(apart) ? kInfinity : apart;
  if (size <= worst_) return;
  worst_ = size, worst_control_ = control, worst_candidate_ = candidate;
}

void PairEvidence::compare(double control, double candidate, std::uint64_t slices) {
  if (std::isnan(control) && std::isnan(candidate)) {
    ++unusable_;
    return;
  }
  const bool differs = !stats::is_close(candidate, control, plan_.tolerance);
  if (differs) note_worst(control, candidate);
  count(differs, slices);
}

void PairEvidence::subtract(double control, double candidate, std::uint64_t slices) {
  if (!std::isfinite(control) || !std::isfinite(candidate)) {
    ++unusable_;
    return;
  }
  sums_[0] += control, sums_[1] += candidate;
  if (plan_.source == PairSource::Distribution) {
    bet(slices, [&](PairBets& bets) { bets.values(control, candidate); });
    return;
  }
  const double d = candidate - control;
  const double scale = plan_.source == PairSource::Bias ? plan_.scale : 1;
  mean_.observe((std::clamp(d / scale, -1.0, 1.0) + 1) / 2);
  bet(slices, [&](PairBets& bets) { bets.difference(d); });
}

// One digest is one answer. Where it differs, as it may by a last bit, values decide; without any there is only it.
bool PairEvidence::is_same(const PairObservation::Answers& answers) {
  const PairedAnswer &control = answers.control, &candidate = answers.candidate;
  if (control.outputs != 0 && control.outputs == candidate.outputs) return true;
  bool has_values = false, is_same = true;
  for (std::size_t i = 0; i < kPredictions; ++i) {
    const double one = control.values.at(i), other = candidate.values.at(i);
    if (std::isnan(one) && std::isnan(other)) continue;
    has_values = true;
    if (stats::is_close(other, one, plan_.tolerance)) continue;
    is_same = false;
    note_worst(one, other);
  }
  return has_values ? is_same : control.outputs == candidate.outputs;
}

void PairEvidence::answers(const PairObservation::Answers& answers, std::uint64_t slices) {
  const PairedAnswer &control = answers.control, &candidate = answers.candidate;
  if (plan_.source == PairSource::Errors) return count(candidate.error && !control.error, slices);
  if (control.error || candidate.error) return;
  switch (plan_.source) {
    case PairSource::Errors:
    case PairSource::Accuracy:
      return;
    case PairSource::Numeric:
      return count(!is_same(answers), slices);
    case PairSource::Class:
    case PairSource::Value:
      return compare(control.values.at(plan_.column), candidate.values.at(plan_.column), slices);
    case PairSource::Bias:
    case PairSource::Distribution:
      return subtract(control.values.at(plan_.column), candidate.values.at(plan_.column), slices);
  }
}

void PairEvidence::label(const PairObservation::Labelled& labelled, std::uint64_t slices) {
  if (plan_.source != PairSource::Accuracy) return;
  const auto is_right = [&](const PairedAnswer& answer) -> double {
    const double value = answer.values.at(plan_.column);
    if (answer.error) return 0;
    return std::isnan(value) ? kAbsent : std::round(value) == labelled.label ? 1 : 0;
  };
  subtract(is_right(labelled.control), is_right(labelled.candidate), slices);
}

double PairEvidence::log_harm_of(std::optional<std::size_t> slice) const {
  return slice ? slices_[*slice].log_harm() : all_.log_harm();
}

double PairEvidence::log_harm(double slice_share) const {
  if (slices_.empty()) return all_.log_harm();
  std::vector<double> logs{all_.log_harm()}, shares{1 - slice_share};
  for (const PairBets& bets : slices_) {
    logs.push_back(bets.log_harm());
    shares.push_back(slice_share / static_cast<double>(slices_.size()));
  }
  return stats::log_weighted_sum(logs, shares);
}

bool PairEvidence::is_broken() const {
  return plan_.source == PairSource::Numeric && differing_ > 0;
}

double PairEvidence::unusable_share() const {
  return unusable_ > 0 ? static_cast<double>(unusable_) / static_cast<double>(unusable_ + pairs_) : 0;
}

std::optional<double> PairEvidence::pairs_to_safe(double bar) const {
  const std::optional<double> safe = log_safe();
  if (!safe || pairs_ == 0) return std::nullopt;
  const double few = pairs_ < plan_.minimum_sample ? static_cast<double>(plan_.minimum_sample - pairs_) : 0;
  if (*safe >= bar) return few;
  const auto pairs = static_cast<double>(pairs_);
  const double growth =
      is_share(plan_.source) ? all_.growth_of_safe(static_cast<double>(differing_) / pairs) : *safe / pairs;
  return growth > 0 ? std::optional(std::max(few, (bar - *safe) / growth)) : std::nullopt;
}

void PairEvidence::describe(Finding& finding) const {
  finding.control.units = finding.candidate.units = pairs_;
  if (pairs_ == 0) return;
  const auto pairs = static_cast<double>(pairs_);
  if (is_share(plan_.source)) {
    const auto interval = stats::rate_sequence({differing_, pairs_}, alpha_);
    invariant(interval.ok(), "alpha was checked, and no more pairs differ than there are");
    finding.effect_of = "share of pairs that differ";
    finding.effect.emplace(static_cast<double>(differing_) / pairs);
    finding.effect_interval.emplace(*interval);
    finding.candidate.events = differing_;
    return;
  }
  finding.control.mean.emplace(sums_[0] / pairs), finding.candidate.mean.emplace(sums_[1] / pairs);
  if (plan_.source == PairSource::Distribution) {
    const double distance = all_.distance(), band = 2 * stats::distribution_band(pairs_, alpha_ / 2);
    finding.effect_of = "largest difference of the shares above a threshold";
    finding.effect.emplace(distance);
    finding.effect_interval.emplace(stats::Interval{std::max(0.0, distance - band), std::min(1.0, distance + band)});
    return;
  }
  const double scale = plan_.source == PairSource::Bias ? plan_.scale : 1;
  const stats::Interval interval = mean_.interval();
  finding.effect_of = "mean difference";
  finding.effect.emplace((sums_[1] - sums_[0]) / pairs);
  finding.effect_interval.emplace(stats::Interval{scale * (2 * interval.low - 1), scale * (2 * interval.high - 1)});
}

std::string PairEvidence::worst() const {
  if (worst_ == 0) return "";
  return "worst difference " + number(worst_) + " (" + number(worst_candidate_) + " for " + number(worst_control_) +
         ")";
}

}  // namespace slipway::evidence
