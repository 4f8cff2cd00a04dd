#include "domain/stats/event_process.h"

#include <cmath>

#include "domain/stats/distribution.h"
#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {

constexpr std::array kFrequentRatios{1.1, 1.25, 1.5, 1.8};
constexpr double kMostProduct = 0.95;  // of q r: g(none) stays above 0

double log_weight(double rho, double g) {
  return std::log1p(rho * (g - 1));
}

}  // namespace

EventProcess::EventProcess(const RiskGrid& grid, double null_ratio)
    : ratios_(grid.ratios),
      null_ratio_(null_ratio),
      logs_(ratios_.size(), 0.0),
      if_candidate_(ratios_.size()),
      if_control_(ratios_.size()) {}

void EventProcess::event(Arm arm, double rho) {
  if (rho != cached_rho_) {
    for (std::size_t i = 0; i < ratios_.size(); ++i) {
      if_control_[i] = log_weight(rho, null_ratio_) - log_weight(rho, ratios_[i]);
      if_candidate_[i] = if_control_[i] + std::log(ratios_[i] / null_ratio_);
    }
    cached_rho_ = rho;
  }
  const std::vector<double>& factors = arm == Arm::Candidate ? if_candidate_ : if_control_;
  for (std::size_t i = 0; i < logs_.size(); ++i) logs_[i] += factors[i];
  is_mixed_ = false;
}

double EventProcess::log_evidence() const {
  if (!is_mixed_) mixture_ = log_mean(logs_);
  is_mixed_ = true;
  return mixture_;
}

void MarginProcess::event(Arm arm, double rho) {
  log_ += log_weight(rho, margin_) - (arm == Arm::Candidate ? std::log(margin_) : 0.0);
}

void FrequentEventProcess::prepare(double rho, double q) {
  for (std::size_t i = 0; i < kRatios; ++i) {
    const double ratio = kFrequentRatios[i] * q < kMostProduct ? kFrequentRatios[i] : 1.0;  // 1 bets nothing
    const double none = (1 - q * ratio) / (1 - q);
    factors_[0][i] = -log_weight(rho, none);
    factors_[1][i] = std::log(none) + factors_[0][i];
    factors_[2][i] = -log_weight(rho, ratio);
    factors_[3][i] = std::log(ratio) + factors_[2][i];
  }
  cached_rho_ = rho;
  cached_q_ = q;
}

void FrequentEventProcess::unit(Arm arm, double rho, bool is_event, double q) {
  if (rho != cached_rho_ || q != cached_q_) prepare(rho, q);
  const auto& factors = factors_[(is_event ? 2U : 0U) + (arm == Arm::Candidate ? 1U : 0U)];
  for (std::size_t i = 0; i < kRatios; ++i) logs_[i] += factors[i];
}

double FrequentEventProcess::log_evidence() const {
  return log_mean(logs_);
}

Growth growth_of_events(double ratio, double rho) {
  const double weight = log_weight(rho, ratio), rate = std::exp(weight);
  const double p1 = rho * ratio / rate, up = std::log(ratio) - weight;
  return {.mean = rate * (p1 * up - (1 - p1) * weight), .square = rate * (p1 * up * up + (1 - p1) * weight * weight)};
}

double chance_to_reach(double bar, double mean, double variance) {
  if (!(mean > 0 && variance > 0)) return 0;
  return normal_lower((mean - bar) / std::sqrt(variance));
}

}  // namespace slipway::stats
