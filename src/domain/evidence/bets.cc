#include "domain/evidence/bets.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/invariant.h"
#include "domain/stats/log_mean.h"

namespace slipway::evidence {
namespace {

stats::RiskGrid grid_above(double null_ratio) {
  stats::RiskGrid grid;
  for (double& ratio : grid.ratios) ratio *= null_ratio;
  return grid;
}

stats::Tilt tilt_of(Direction direction) {
  return direction == Direction::EitherWay ? stats::Tilt::TwoSided : stats::Tilt::Upwards;
}

// Differences as y has them: outcomes are scaled to [0, 1], rank scores go from -1 to 1.
double span_of(const MetricPlan& plan) {
  if (plan.source == Source::Outcome) return plan.high - plan.low;
  return plan.source == Source::Prediction ? 2 : 1;
}

}  // namespace

Bets::Bets(const MetricPlan& plan) : source_(plan.source), direction_(plan.direction) {
  switch (source_) {
    case Source::Errors:
      rare_.emplace_back(grid_above(plan.tolerance_ratio), plan.tolerance_ratio);
      shares_ = {1};
      break;
    case Source::Latency:  // p95, p99, then p50
      rare_.assign(2, stats::EventProcess(grid_above(plan.tolerance_ratio), plan.tolerance_ratio));
      shares_ = {0.25, 0.5, 0.25};
      frequent_.resize(1);
      if (plan.tolerance_ratio > 1) shares_ = {0.25, 0.75, 0};  // of half of the units nothing can be twice as often
      break;
    case Source::Prediction:
      if (plan.tolerance_difference > 0) {
        plan_means(plan);
        break;
      }
      tilts_.emplace_back(tilt_of(direction_));
      shares_ = {1};
      if (direction_ == Direction::EitherWay) {
        shapes_.emplace_back(kBins);
        shares_ = {0.75, 0.25};
      }
      break;
    case Source::Outcome:
    case Source::Amount:
      plan_means(plan);
      break;
  }
  if (plan.margin_ratio) margins_.emplace_back(*plan.margin_ratio);
  const bool is_up = direction_ != Direction::SmallerIsWorse, is_down = direction_ != Direction::LargerIsWorse;
  is_both_ = is_up && is_down;
  const double d = plan.margin_difference.value_or(0) / span_of(plan), m = plan.margin_relative.value_or(0);
  if (!plan.margin_difference && !plan.margin_relative) return;
  if (is_up) safe_.emplace_back(stats::Contrast{stats::Side::Below, 1 + m, d});
  if (is_down) safe_.emplace_back(stats::Contrast{stats::Side::Above, 1 - m, -d});
}

void Bets::plan_means(const MetricPlan& plan) {
  const double d = plan.tolerance_difference / span_of(plan);
  if (direction_ != Direction::SmallerIsWorse) differences_.emplace_back(stats::Contrast{stats::Side::Above, 1, d});
  if (direction_ != Direction::LargerIsWorse) differences_.emplace_back(stats::Contrast{stats::Side::Below, 1, -d});
  shares_.assign(differences_.size(), 1 / static_cast<double>(differences_.size()));
}

void Bets::error(stats::Arm arm, double rho) {
  for (stats::EventProcess& process : rare_) process.event(arm, rho);
  for (stats::MarginProcess& process : margins_) process.event(arm, rho);
}

void Bets::value(const Mark& mark, stats::Arm arm, double rho) {
  if (source_ == Source::Latency) {
    if (mark.above_p95) rare_[0].event(arm, rho);
    if (mark.above_p99) rare_[1].event(arm, rho);
    if (shares_[2] > 0) frequent_[0].unit(arm, rho, mark.above_p50, mark.rate_above_p50);
    if (mark.above_p99) {
      for (stats::MarginProcess& process : margins_) process.event(arm, rho);
    }
  }
  for (stats::TiltProcess& process : tilts_) {
    const double score = 2 * mark.y - 1;
    const auto bet = process.bet(arm, rho, direction_ == Direction::SmallerIsWorse ? -score : score);
    invariant(bet.ok(), "a rank and a probability were checked before");
  }
  for (stats::ShapeProcess& process : shapes_) {
    process.unit(arm, rho, std::min(kBins - 1, static_cast<std::uint32_t>(mark.y * kBins)));
  }
  for (stats::DifferenceProcess& process : differences_) process.unit(arm, rho, mark.y);
  for (stats::DifferenceProcess& process : safe_) process.unit(arm, rho, mark.y);
}

double Bets::log_harm() const {
  std::array<double, 4> logs{};
  std::size_t count = 0;
  const auto add = [&](const auto& processes) {
    for (const auto& process : processes) logs.at(count++) = process.log_evidence();
  };
  add(rare_), add(frequent_), add(tilts_), add(shapes_), add(differences_);
  return stats::log_weighted_sum(std::span(logs).first(count), shares_);
}

std::optional<double> Bets::log_safe() const {
  std::array<double, 3> logs{};
  std::size_t count = 0;
  for (const auto& process : margins_) logs.at(count++) = process.log_evidence();
  for (const auto& process : safe_) logs.at(count++) = process.log_evidence();
  if (count == 0) return std::nullopt;
  const auto all = std::span<const double>(logs).first(count);
  // Of two margins one is enough, and each is true only if candidate is worse by both: their mean is evidence.
  return is_both_ ? std::ranges::min(all) : stats::log_mean(all);
}

}  // namespace slipway::evidence
