#include "domain/evidence/planned_comparison.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"
#include "domain/evidence/judgement_words.h"
#include "domain/stats/group_sequential.h"

namespace slipway::evidence {
namespace {

constexpr double kSameShare = 1e-9;

std::vector<double> bounds_of(const LookPlan& plan, double alpha) {
  std::vector<double> shares;
  for (std::uint32_t k = 1; k <= plan.looks; ++k) shares.push_back(static_cast<double>(k) / plan.looks);
  auto bounds = stats::spending_boundaries(plan.spending, std::min(alpha, 0.5), shares);
  invariant(bounds.ok(), "looks and alpha were checked");
  return *std::move(bounds);
}

std::size_t index_of(stats::Arm arm) {
  return arm == stats::Arm::Candidate ? 1 : 0;
}

}  // namespace

PlannedComparison::PlannedComparison(const MetricPlan& metric, const LookPlan& looks, double alpha, double beta)
    : metric_(metric), plan_(looks), harm_bounds_(bounds_of(looks, alpha)) {
  safe_bounds_ = metric.is_guardrail() ? bounds_of(looks, 2 * beta) : harm_bounds_;  // of one side only
}

std::uint64_t PlannedComparison::units_at(std::uint64_t look) const {
  return (plan_.units * look + plan_.looks - 1) / plan_.looks;
}

void PlannedComparison::value(double value, stats::Arm arm) {
  const bool is_inside = metric_.source == Source::Amount ? value >= 0 : value >= metric_.low && value <= metric_.high;
  if (!is_inside || !std::isfinite(value)) {
    ++unusable_;
    return;
  }
  if (look_ == plan_.looks) return;  // the test is over
  Sums& sums = arms_.at(index_of(arm));
  ++sums.units;
  const double apart = value - sums.mean;
  sums.mean += apart / static_cast<double>(sums.units);
  sums.squares += apart * (value - sums.mean);
  if (units() == units_at(look_ + 1)) look();
}

double PlannedComparison::error_of(double f) const {
  double variance = 0;
  for (std::size_t i = 0; i < arms_.size(); ++i) {
    const auto n = static_cast<double>(arms_.at(i).units);
    if (n < 2) return 0;
    variance += (i == 0 ? f * f : 1) * arms_.at(i).squares / (n - 1) / n;
  }
  return std::sqrt(variance);
}

// 0 where nothing tells the arms apart: fewer than two units of one, or no spread at all.
double PlannedComparison::z_of(const Contrast& contrast) const {
  const double error = error_of(contrast.f);
  return error > 0 ? (arms_[1].mean - contrast.f * arms_[0].mean - contrast.d) / error : 0;
}

void PlannedComparison::look() {
  const double harm = harm_bounds_[look_], safe = safe_bounds_[look_];
  const double m = metric_.margin_relative.value_or(0), d = metric_.margin_difference.value_or(0);
  const double t = metric_.tolerance_difference;
  const bool is_up = metric_.direction != Direction::SmallerIsWorse;
  const bool is_down = metric_.direction != Direction::LargerIsWorse;
  const bool is_worse = (is_up && z_of({1, t}) >= harm) || (is_down && z_of({1, -t}) <= -harm);
  const bool is_safe = (!is_up || z_of({1 + m, d}) <= -safe) && (!is_down || z_of({1 - m, -d}) >= safe);
  z_ = z_of({1, 0});
  effect_ = arms_[1].mean - arms_[0].mean;
  half_ = harm * error_of(1);
  ++look_;
  if (worse_ == 0 && safe_ == 0) {
    if (is_worse) {
      worse_ = look_;
    } else if (is_safe) {
      safe_ = look_;
    }
  }
}

double PlannedComparison::unusable_share() const {
  return unusable_ > 0 ? static_cast<double>(unusable_) / static_cast<double>(unusable_ + units()) : 0;
}

std::optional<std::uint64_t> PlannedComparison::next_look() const {
  return look_ < plan_.looks ? std::optional(units_at(look_ + 1)) : std::nullopt;
}

void PlannedComparison::describe(Finding& finding) const {
  finding.effect_of = "difference of means";
  finding.control.units = arms_[0].units, finding.candidate.units = arms_[1].units;
  if (arms_[0].units > 0) finding.control.mean.emplace(arms_[0].mean);
  if (arms_[1].units > 0) finding.candidate.mean.emplace(arms_[1].mean);
  if (metric_.margin_relative) finding.margin = metric_.margin_relative;
  if (metric_.margin_difference) finding.margin = metric_.margin_difference;
  if (look_ == 0) return;
  finding.effect.emplace(effect_);
  finding.effect_interval.emplace(stats::Interval{effect_ - half_, effect_ + half_});
}

std::string PlannedComparison::text() const {
  const std::string of = " of " + std::to_string(plan_.looks);
  if (look_ == 0)
    return "look 1" + of + " comes at " + std::to_string(units_at(1)) + " units, found " + std::to_string(units());
  return "look " + std::to_string(look_) + of + " at " + std::to_string(units_at(look_)) + " of " +
         std::to_string(plan_.units) + " units: difference of means " + number(effect_) + ", Z " + number(z_) +
         ", bound " + number(harm_bounds_[look_ - 1]);
}

PlannedTest::PlannedTest(const EvidencePlan& plan) : share_(plan.looks->share) {
  double weights = 0;
  for (const MetricPlan& metric : plan.metrics) weights += metric.weight;
  for (const MetricPlan& metric : plan.metrics) {
    comparisons_.emplace_back();
    if (metric.source != Source::Outcome && metric.source != Source::Amount) continue;
    comparisons_.back().emplace_back(metric, *plan.looks, plan.live_alpha() * metric.weight / weights, plan.beta);
  }
}

void PlannedTest::value(std::size_t metric, double value, stats::Arm arm, double p) {
  if (std::abs(p - share_) <= kSameShare) comparisons_[metric].front().value(value, arm);
}

// The looks that there were are those that so many units filled.
bool PlannedComparison::is_sound() const {
  if (look_ > plan_.looks || worse_ > look_ || safe_ > look_ || (worse_ != 0 && safe_ != 0)) return false;
  const bool is_over = look_ == plan_.looks;
  for (const Sums& arm : arms_) {
    if (arm.units > plan_.units || !std::isfinite(arm.mean) || !(arm.squares >= 0)) return false;
  }
  return units() >= units_at(look_) && (is_over ? units() == plan_.units : units() < units_at(look_ + 1));
}

bool PlannedTest::is_over() const {
  return std::ranges::all_of(comparisons_, [](const std::vector<PlannedComparison>& each) {
    return each.empty() || each.front().is_worse() || each.front().is_safe() || !each.front().next_look();
  });
}

std::optional<std::size_t> PlannedTest::worse() const {
  for (std::size_t i = 0; i < comparisons_.size(); ++i) {
    if (has(i) && of(i).is_worse()) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> PlannedTest::pending() const {
  for (std::size_t i = 0; i < comparisons_.size(); ++i) {
    if (has(i) && !of(i).is_safe()) return i;
  }
  return std::nullopt;
}

}  // namespace slipway::evidence
