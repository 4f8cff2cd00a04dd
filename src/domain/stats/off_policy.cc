#include "domain/stats/off_policy.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace slipway::stats {
namespace {

Result<void> check_unit(std::string_view what, double value) {
  if (value >= 0 && value <= 1) return {};
  return invalid_input(std::string(what) + ": expected a number in [0, 1], found " + std::to_string(value));
}

}  // namespace

Result<OffPolicyValue> OffPolicyValue::create(double largest_weight, double alpha) {
  if (!(largest_weight >= 1 && std::isfinite(largest_weight))) {
    return invalid_input("largest weight: expected at least 1, found " + std::to_string(largest_weight));
  }
  if (!(alpha > 0 && alpha < 1)) return invalid_input("expected alpha inside (0, 1), found " + std::to_string(alpha));
  return OffPolicyValue(largest_weight, alpha);
}

Result<void> OffPolicyValue::observe(const LoggedReward& logged) {
  TRY(check_unit("probability", logged.probability));
  if (logged.probability == 0) return invalid_input("probability: expected above 0, found 0");
  TRY(check_unit("target", logged.target));
  TRY(check_unit("reward", logged.reward));
  TRY(check_unit("model", logged.model));
  TRY(check_unit("model_of_action", logged.model_of_action));
  const double exact = logged.target / logged.probability, weight = std::min(exact, largest_);
  ++count_;
  cut_ += exact > largest_ ? 1 : 0;
  weights_ += weight;
  squares_ += weight * weight;
  weighed_ += weight * logged.reward;
  weighed_squares_ += weight * logged.reward * logged.reward;
  const double robust = logged.model + weight * (logged.reward - logged.model_of_action);
  robust_ += robust;
  robust_squares_ += robust * robust;
  interval_.observe(weight * logged.reward / largest_);
  return {};
}

double OffPolicyValue::standard_error() const {
  const auto n = static_cast<double>(count_);
  const double mean = robust_ / n;
  return std::sqrt(std::max(0.0, robust_squares_ / n - mean * mean) / (n - 1));
}

double OffPolicyValue::variance_of_rewards() const {
  const double mean = self_normalised();
  return std::max(0.0, weighed_squares_ / weights_ - mean * mean);
}

double OffPolicyValue::effective_sample_size() const {
  return squares_ > 0 ? weights_ * weights_ / squares_ : 0;
}

Interval OffPolicyValue::interval() const {
  const Interval scaled = interval_.interval();
  return {scaled.low * largest_, std::min(1.0, scaled.high * largest_)};
}

}  // namespace slipway::stats
