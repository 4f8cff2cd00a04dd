#include "domain/proof/traffic.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "domain/stats/distribution.h"

namespace slipway::proof {
namespace {

constexpr double kMedianLatency = 93.7, kLatencySigma = 0.5;  // ms; p99 is 300
constexpr double kIncidentFrom = 1'080, kIncidentTo = 1'380;
constexpr double kPeriod = 1'200;
constexpr double kBatch = 1'000;  // requests between two looks of the bandit
constexpr double kFloor = 0.05, kLargestMove = 0.1;

double swing(double t) {
  return 1 + 0.5 * std::sin(2 * std::numbers::pi * t / kPeriod);  // from 0.5 to 1.5
}

}  // namespace

double Course::seconds() const {
  double all = 0;
  for (const RampStep& step : ramp) all += step.seconds;
  return all;
}

Traffic::Traffic(const Course& course, std::uint64_t seed)
    : course_(course), random_(seed), end_(course.seconds()), step_end_(course.ramp.front().seconds) {}

double Traffic::normal() {
  if (spare_) {
    const double value = *spare_;
    spare_.reset();
    return value;
  }
  const double radius = std::sqrt(-2 * std::log(1 - random_.unit())), angle = 2 * std::numbers::pi * random_.unit();
  spare_.emplace(radius * std::sin(angle));
  return radius * std::cos(angle);
}

double Traffic::share_now() {
  while (t_ >= step_end_ && step_ + 1 < course_.ramp.size()) step_end_ += course_.ramp[++step_].seconds;
  return course_.is_bandit ? bandit_share_ : course_.ramp[step_].share;
}

double Traffic::error_rate_now() const {
  const bool is_incident = course_.incident_rate > 0 && t_ >= kIncidentFrom && t_ < kIncidentTo;
  if (is_incident) return course_.incident_rate;
  return course_.error_rate * (course_.is_diurnal ? swing(t_ + kPeriod / 3) : 1);
}

// A user in a burst of errors comes again; everyone else comes once.
void Traffic::assign(evidence::Observation& request) {
  request.p = share_now();
  if (burst_left_ > 0) {
    --burst_left_;
    request.unit = burst_unit_;
    request.arm = burst_point_ < request.p ? stats::Arm::Candidate : stats::Arm::Control;
    request.error = true;
    return;
  }
  const double point = random_.unit();
  request.unit = ++units_;
  request.arm = point < request.p ? stats::Arm::Candidate : stats::Arm::Control;
  if (course_.slices > 0) request.slices = std::uint64_t{1} << random_.below(course_.slices);
  decide_error(request);
  if (!*request.error || course_.burst <= 1) return;
  burst_unit_ = request.unit;
  burst_point_ = point;
  burst_left_ = static_cast<std::uint64_t>(std::log(1 - random_.unit()) / std::log(1 - 1 / course_.burst));
}

void Traffic::decide_error(evidence::Observation& request) {
  double rate = error_rate_now() / course_.burst;
  if (request.arm == stats::Arm::Candidate) {
    rate *= course_.error_ratio * ((request.slices & 1U) != 0 ? course_.slice_error_ratio : 1);
  }
  request.error = random_.unit() < rate;
}

// Two arms whose error rates are taken as normal: the share is the chance that candidate has fewer.
void Traffic::learn(const evidence::Observation& request) {
  const std::size_t arm = request.arm == stats::Arm::Candidate ? 1 : 0;
  requests_.at(arm) += 1;
  errors_.at(arm) += *request.error ? 1 : 0;
  if (std::fmod(requests_[0] + requests_[1], kBatch) != 0) return;
  const auto rate = [&](std::size_t i) { return (errors_.at(i) + 1) / (requests_.at(i) + 2); };
  const auto variance = [&](std::size_t i) { return rate(i) * (1 - rate(i)) / (requests_.at(i) + 2); };
  const double better = stats::normal_lower((rate(0) - rate(1)) / std::sqrt(variance(0) + variance(1)));
  const double moved = std::clamp(better, bandit_share_ - kLargestMove, bandit_share_ + kLargestMove);
  bandit_share_ = std::clamp(moved, kFloor, 1 - kFloor);
}

std::optional<evidence::Observation> Traffic::next() {
  t_ += 1 / (course_.per_second * (course_.is_diurnal ? swing(t_) : 1));
  if (t_ >= end_) return std::nullopt;
  evidence::Observation request{.t = t_};
  assign(request);
  const bool is_candidate = request.arm == stats::Arm::Candidate;
  if (course_.is_bandit) learn(request);
  if (course_.has_latency) {
    double latency = kMedianLatency * std::exp(kLatencySigma * normal());
    if (is_candidate) {
      latency *= course_.latency_ratio * (candidates_ < course_.cold_requests ? 3 : 1);
      if (course_.slow_share > 0 && random_.unit() < course_.slow_share) latency += 1'000;
    }
    request.latency_ms = latency;
  }
  candidates_ += is_candidate ? 1 : 0;
  for (std::uint32_t i = 0; i < course_.values; ++i) {
    request.predictions.at(i) = normal() + (is_candidate ? course_.value_shift : 0);
  }
  if (course_.revenue_rate > 0) {
    request.outcome = random_.unit() < course_.revenue_rate ? std::exp(1.5 * normal()) : 0.0;
  }
  return request;
}

}  // namespace slipway::proof
