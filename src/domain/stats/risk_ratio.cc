#include "domain/stats/risk_ratio.h"

#include <cmath>
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

}  // namespace

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
