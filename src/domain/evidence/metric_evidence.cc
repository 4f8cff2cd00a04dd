#include "domain/evidence/metric_evidence.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "domain/stats/distribution.h"
#include "domain/stats/log_mean.h"
#include "domain/stats/risk_ratio.h"

namespace slipway::evidence {
namespace {

// Control's values before the first thresholds, before the second, and as long as any later set stands.
constexpr std::array<std::uint64_t, 3> kWindows{200, 2'000, 20'000};
constexpr std::size_t kRanked = 400;  // control's values that later ones are ranked in

bool is_binned(Source source) {
  return source == Source::Latency || source == Source::Amount;
}

}  // namespace

MetricEvidence::MetricEvidence(const MetricPlan& plan, std::size_t slices)
    : plan_(plan), all_(plan), slices_(slices, Bets(plan)), slice_harm_(slices, 0.0) {
  if (plan.source == Source::Prediction) ranks_.emplace_back(kRanked);
}

void MetricEvidence::exposed(stats::Arm arm, double rho, std::uint64_t units) {
  (arm == stats::Arm::Candidate ? candidate_ : control_).units += units;
  if (plan_.source == Source::Errors) grow(rho, static_cast<double>(units));
}

void MetricEvidence::grow(double rho, double rate) {
  if (rho != cached_rho_) {
    unit_growth_ = stats::growth_of_events(plan_.design_effect(), rho);
    cached_rho_ = rho;
  }
  growth_ += rate * unit_growth_.mean;
  growth_square_ += rate * unit_growth_.square;
}

void MetricEvidence::count_event(stats::Arm arm, double rho) {
  ++(arm == stats::Arm::Candidate ? candidate_ : control_).events;
  if (steps_used_ > kMostShares) return;
  std::size_t at = 0;
  while (at < steps_used_ && steps_.at(at).rho != rho) ++at;
  if (at == steps_used_) {
    if (++steps_used_ > kMostShares) return;
    steps_.at(at).rho = rho;
  }
  ++steps_.at(at).all;
  steps_.at(at).candidate += arm == stats::Arm::Candidate ? 1 : 0;
}

template <class Bet>
void MetricEvidence::bet_in_slices(std::uint64_t slices, Bet&& bet) {
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    if ((slices >> i & 1U) == 0) continue;
    bet(slices_[i]);
    stale_slices_ |= std::uint64_t{1} << i;
  }
}

void MetricEvidence::error(stats::Arm arm, double rho, std::uint64_t slices) {
  count_event(arm, rho);
  all_.error(arm, rho);
  bet_in_slices(slices, [&](Bets& bets) { bets.error(arm, rho); });
}

// Thresholds for what comes, of what came: at once when there is enough for the first time, then when the share
// changes, and when the window has become ten times as long as the last one.
void MetricEvidence::refreeze(double rho) {
  const std::uint64_t wanted = kWindows.at(std::min<std::uint64_t>(freezes_, kWindows.size() - 1));
  const bool is_due =
      window_.total() >= wanted || (frozen_ && rho != frozen_rho_ && window_.total() >= kWindows.front());
  if (!is_due) return;
  edges_ = {window_.quantile_bucket(0.5), window_.quantile_bucket(0.95), window_.quantile_bucket(0.99)};
  rate_above_p50_ = std::clamp(window_.share_above(edges_[0]), 0.01, 0.99);
  rate_above_p99_ = std::max(window_.share_above(edges_[2]), 0.5 / static_cast<double>(window_.total()));
  cap_ = stats::LogHistogram::upper_edge(edges_[2]);
  frozen_ = true;
  frozen_rho_ = rho;
  ++freezes_;
  window_.clear();
}

std::optional<Mark> MetricEvidence::mark_of(double value, stats::Arm arm, double rho) {
  const bool is_control = arm == stats::Arm::Control;
  Mark mark;
  if (is_binned(plan_.source)) {
    refreeze(rho);
    const std::uint32_t bucket = stats::LogHistogram::bucket_of(value);
    // Amounts are mostly 0 where few pay: thresholds of all values would be 0 too, and the cut would cut every one.
    if (is_control && (plan_.source == Source::Latency || value > 0)) window_.add(bucket);
    if (!frozen_) return std::nullopt;
    mark.y = std::min(1.0, value / cap_);
    mark.above_p50 = bucket > edges_[0];
    mark.above_p95 = bucket > edges_[1];
    mark.above_p99 = bucket > edges_[2];
    mark.rate_above_p50 = rate_above_p50_;
    return mark;
  }
  if (plan_.source == Source::Prediction) {
    stats::RankReference& ranks = ranks_.front();
    if (!ranks.is_frozen()) {
      if (is_control) ranks.add(value);
      return std::nullopt;
    }
    mark.y = ranks.rank_of(value);
    return mark;
  }
  mark.y = (value - plan_.low) / (plan_.high - plan_.low);
  return mark;
}

void MetricEvidence::value(double value, stats::Arm arm, double rho, std::uint64_t slices) {
  const bool is_latency = plan_.source == Source::Latency;
  const bool is_inside = plan_.source == Source::Outcome ? value >= plan_.low && value <= plan_.high
                                                         : !is_binned(plan_.source) || value >= 0;
  if (std::isnan(value) || !is_inside || (std::isinf(value) && !is_latency)) {
    ++unusable_;
    return;
  }
  if (plan_.source != Source::Errors) {
    ++(arm == stats::Arm::Candidate ? candidate_ : control_).units;
    sums_[arm == stats::Arm::Candidate ? 1 : 0] += value;
  }
  const std::optional<Mark> mark = mark_of(value, arm, rho);
  if (!mark) return;
  squares_ += mark->y * mark->y;
  if (is_latency) {
    if (mark->above_p99) count_event(arm, rho);
    grow(rho, rate_above_p99_);
  } else if (plan_.source != Source::Errors) {
    growth_ += rho * (1 - rho);
  }
  all_.value(*mark, arm, rho);
  bet_in_slices(slices, [&](Bets& bets) { bets.value(*mark, arm, rho); });
}

double MetricEvidence::log_harm_of(std::optional<std::size_t> slice) const {
  if (!slice) return all_.log_harm();
  bring_up_to_date();
  return slice_harm_[*slice];
}

double MetricEvidence::log_harm() const {
  bring_up_to_date();
  return harm_;
}

void MetricEvidence::weigh(double slice_share) {
  slice_share_ = slice_share;
  is_stale_ = true;
}

void MetricEvidence::bring_up_to_date() const {
  for (; stale_slices_ != 0; stale_slices_ &= stale_slices_ - 1) {
    const auto slice = static_cast<std::size_t>(std::countr_zero(stale_slices_));
    slice_harm_[slice] = slices_[slice].log_harm();
  }
  if (!is_stale_) return;
  is_stale_ = false;
  harm_ = all_.log_harm();
  if (slices_.empty()) return;
  const std::array parts{harm_, stats::log_mean(slice_harm_)};
  harm_ = stats::log_weighted_sum(parts, std::array{1 - slice_share_, slice_share_});
}

bool MetricEvidence::has_minimum() const {
  return std::min(control_.units, candidate_.units) >= plan_.minimum_sample;
}

double MetricEvidence::unusable_share() const {
  const auto all = static_cast<double>(control_.units + candidate_.units + unusable_);
  return all > 0 && plan_.source != Source::Errors ? static_cast<double>(unusable_) / all : 0;
}

std::optional<double> MetricEvidence::mean_of(stats::Arm arm) const {
  const bool is_candidate = arm == stats::Arm::Candidate;
  const std::uint64_t units = (is_candidate ? candidate_ : control_).units;
  const bool is_ratio = plan_.source == Source::Errors || plan_.source == Source::Latency;
  if (is_ratio || units == 0) return std::nullopt;
  return sums_[is_candidate ? 1 : 0] / static_cast<double>(units);
}

// Of y; what is not known yet is as wide as it can be.
double MetricEvidence::second_moment() const {
  const auto units = static_cast<double>(control_.units + candidate_.units);
  if (plan_.source == Source::Prediction) return 1.0 / 12 + 0.25;
  return (squares_ + 0.25) / (units + 1);
}

double MetricEvidence::design_difference() const {
  const double effect = plan_.design_effect();
  if (plan_.source == Source::Prediction) return effect / 2;
  if (plan_.source == Source::Outcome) return effect / (plan_.high - plan_.low);
  const double mean = control_.units == 0 ? 0 : sums_[0] / static_cast<double>(control_.units);
  return cap_ > 0 ? effect * mean / cap_ : 0;  // amounts: of control's mean
}

double MetricEvidence::power(double bar) const {
  if (plan_.source == Source::Errors) {
    if (control_.units == 0) return 0;
    const double rate = static_cast<double>(control_.events) / static_cast<double>(control_.units);
    return stats::chance_to_reach(bar, rate * growth_, rate * growth_square_);
  }
  if (plan_.source == Source::Latency) return stats::chance_to_reach(bar, growth_, growth_square_);
  const double difference = design_difference();
  const double mean = growth_ * difference * difference / (2 * second_moment());
  return stats::chance_to_reach(bar, mean, 2 * mean);
}

std::optional<double> MetricEvidence::events_to_safe(double bar, double rho) const {
  const std::optional<double> safe = log_safe();
  if (!safe || !plan_.margin_ratio) return std::nullopt;
  const double margin = *plan_.margin_ratio;
  const double growth = std::log1p(rho * (margin - 1)) - rho * std::log(margin);
  return std::max(0.0, bar - *safe) / growth;
}

std::optional<double> MetricEvidence::units_to_safe(double bar, double rho) const {
  const auto units = static_cast<double>(control_.units + candidate_.units);
  const std::optional<double> safe = log_safe();
  if (!safe || units == 0 || (is_binned(plan_.source) && !frozen_)) return std::nullopt;
  if (*safe >= bar) return 0.0;
  if (const auto events = events_to_safe(bar, rho)) {
    const auto seen = static_cast<double>(control_.events + candidate_.events);
    return seen > 0 ? std::optional(*events * units / seen) : std::nullopt;
  }
  double margin = plan_.margin_difference.value_or(0);
  if (plan_.source == Source::Outcome) margin /= plan_.high - plan_.low;
  if (plan_.source == Source::Prediction) margin /= 2;
  if (plan_.margin_relative && control_.units > 0) {
    const double scale = plan_.source == Source::Amount ? cap_ : plan_.high;
    margin = *plan_.margin_relative * sums_[0] / static_cast<double>(control_.units) / (scale > 0 ? scale : 1);
  }
  const double growth = rho * (1 - rho) * margin * margin / (2 * second_moment());
  return growth > 0 ? std::optional((bar - *safe) / growth) : std::nullopt;
}

// Mean and variance of evidence both grow in proportion to units: (c m - bar) / sqrt(c v) = z, solved for c.
std::optional<double> MetricEvidence::units_to_power(double bar, double power, double rho) const {
  if (this->power(bar) >= power) return 0.0;
  double mean = 0, variance = 0;
  if (plan_.source == Source::Errors || plan_.source == Source::Latency) {
    const stats::Growth growth = stats::growth_of_events(plan_.design_effect(), rho);
    const double seen = control_.units > 0 ? static_cast<double>(control_.events) : 0;
    const double rate = plan_.source == Source::Latency ? rate_above_p99_
                        : control_.units > 0            ? seen / static_cast<double>(control_.units)
                                                        : 0;
    mean = rate * growth.mean, variance = rate * growth.square;
    const double past = plan_.source == Source::Latency ? growth_ : rate * growth_;
    if (!(mean > 0)) return std::nullopt;
    const double z = stats::normal_quantile(power), half = z * std::sqrt(variance / mean) / 2;
    const double wanted = std::pow(half + std::sqrt(half * half + bar), 2);
    return std::max(1.0, (wanted - past) / mean);
  }
  const double difference = design_difference();
  const double per = difference * difference / (2 * second_moment());
  if (!(per > 0)) return std::nullopt;
  const double half = stats::normal_quantile(power) * std::sqrt(2.0) / 2;
  const double wanted = std::pow(half + std::sqrt(half * half + bar), 2);
  return std::max(1.0, (wanted - growth_ * per) / (per * rho * (1 - rho)));
}

std::span<const stats::ArmEvents> MetricEvidence::events_by_share() const {
  return steps_used_ > kMostShares ? std::span<const stats::ArmEvents>() : std::span(steps_).first(steps_used_);
}

std::optional<double> MetricEvidence::effect() const {
  if (plan_.source == Source::Errors || plan_.source == Source::Latency) {
    if (events_by_share().empty()) return std::nullopt;
    const auto ratio = stats::risk_ratio_estimate(events_by_share());
    return ratio.ok() ? std::optional(*ratio) : std::nullopt;
  }
  const auto candidate = mean_of(stats::Arm::Candidate), control = mean_of(stats::Arm::Control);
  return candidate && control ? std::optional(*candidate - *control) : std::nullopt;
}

}  // namespace slipway::evidence
