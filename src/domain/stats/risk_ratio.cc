#include "domain/stats/risk_ratio.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "domain/stats/log_mean.h"
#include "domain/stats/sample.h"

namespace slipway::stats {
namespace {

Result<void> check_ratio(double ratio, const char* what) {
  if (std::isfinite(ratio) && ratio > 1) return {};
  return invalid_input(std::string(what) + ": expected a finite number above 1, found " + std::to_string(ratio));
}

Result<void> check_share(double rho) {
  if (rho > 0 && rho < 1) return {};
  return invalid_input("expected a probability of candidate inside (0, 1), found " + std::to_string(rho));
}

Result<void> check_steps(std::span<const ArmEvents> steps) {
  for (const ArmEvents& step : steps) {
    TRY(check_share(step.rho));
    if (step.candidate > step.all) {
      return invalid_input("expected at most as many events of candidate as events, found " +
                           std::to_string(step.candidate) + " of " + std::to_string(step.all));
    }
  }
  return {};
}

// ln(rho r + 1 - rho), exact for ratios near 1.
double log_weight(double rho, double ratio) {
  return std::log1p(rho * (ratio - 1));
}

double log_likelihood_ratio(std::span<const ArmEvents> steps, double ratio) {
  Sum sum;
  for (const ArmEvents& step : steps) {
    sum.add(static_cast<double>(step.candidate) * std::log(ratio));
    sum.add(-static_cast<double>(step.all) * log_weight(step.rho, ratio));
  }
  return sum.value();
}

constexpr std::array kAround{1.0 / 2, 2.0 / 3, 4.0 / 5, 10.0 / 11, 11.0 / 10, 5.0 / 4, 3.0 / 2, 2.0};
constexpr double kWidest = 1e6;  // ratios beyond it are not looked at

double log_evidence_against(std::span<const ArmEvents> steps, double ratio) {
  std::array<double, kAround.size()> logs{};
  const double itself = log_likelihood_ratio(steps, ratio);
  for (std::size_t i = 0; i < logs.size(); ++i) logs[i] = log_likelihood_ratio(steps, ratio * kAround[i]) - itself;
  return log_mean(logs);
}

// The first ratio, going from `inside` by way of `outside`, that is rejected.
double edge(std::span<const ArmEvents> steps, double inside, double outside, double bar) {
  if (log_evidence_against(steps, outside) < bar) return outside;
  while (std::abs(std::log(inside / outside)) > 1e-4) {
    const double middle = std::sqrt(inside * outside);
    (log_evidence_against(steps, middle) < bar ? inside : outside) = middle;
  }
  return outside;
}

}  // namespace

Result<double> risk_ratio_estimate(std::span<const ArmEvents> steps) {
  TRY(check_steps(steps));
  double candidate = 0, all = 0;
  for (const ArmEvents& step : steps) {
    candidate += static_cast<double>(step.candidate);
    all += static_cast<double>(step.all);
  }
  if (all == 0) return invalid_input("risk ratio: expected at least one event, found none");
  if (candidate == 0) return 0.0;
  if (candidate == all) return std::numeric_limits<double>::infinity();
  double low = 1 / kWidest, high = kWidest;
  while (std::log(high / low) > 1e-10) {
    const double ratio = std::sqrt(low * high);
    double expected = 0;
    for (const ArmEvents& step : steps) {
      expected += static_cast<double>(step.all) * step.rho * ratio / (step.rho * ratio + 1 - step.rho);
    }
    (expected < candidate ? low : high) = ratio;
  }
  return std::sqrt(low * high);
}

Result<Interval> risk_ratio_interval(std::span<const ArmEvents> steps, double alpha) {
  if (!(alpha > 0 && alpha < 1)) return invalid_input("expected alpha inside (0, 1), found " + std::to_string(alpha));
  const double estimate = TRY(risk_ratio_estimate(steps));
  const double bar = -std::log(alpha), inside = std::clamp(estimate, 1 / kWidest, kWidest);
  const double low = edge(steps, inside, 1 / kWidest, bar), high = edge(steps, inside, kWidest, bar);
  return Interval{low == 1 / kWidest ? 0 : low, high == kWidest ? std::numeric_limits<double>::infinity() : high};
}

Result<double> log_evidence_of_harm(std::span<const ArmEvents> steps, const RiskGrid& grid) {
  TRY(check_steps(steps));
  if (grid.ratios.empty()) return invalid_input("risk ratios: expected at least one, found none");
  std::vector<double> logs;
  for (const double ratio : grid.ratios) {
    TRY(check_ratio(ratio, "risk ratio"));
    logs.push_back(log_likelihood_ratio(steps, ratio));
  }
  return log_mean(logs);
}

Result<double> log_evidence_of_no_harm(std::span<const ArmEvents> steps, double margin) {
  TRY(check_steps(steps));
  TRY(check_ratio(margin, "margin"));
  return 0 - log_likelihood_ratio(steps, margin);
}

Result<double> events_to_detect(double ratio, double rho, double alpha) {
  TRY(check_share(rho));
  if (!(alpha > 0 && alpha < 1)) return invalid_input("expected alpha inside (0, 1), found " + std::to_string(alpha));
  if (!(std::isfinite(ratio) && ratio > 0) || ratio == 1) {
    return invalid_input("expected a risk ratio above 0 that is not 1, found " + std::to_string(ratio));
  }
  // KL = p1 ln(p1 / rho) + (1 - p1) ln((1 - p1) / (1 - rho)) = p1 ln r - ln(rho r + 1 - rho).
  const double weight = log_weight(rho, ratio);
  const double p1 = rho * ratio / std::exp(weight);
  return -std::log(alpha) / (p1 * std::log(ratio) - weight);
}

}  // namespace slipway::stats
