#include "domain/proof/traffic.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace slipway::proof {
namespace {

using evidence::Observation;
using stats::Arm;

constexpr double kMedianLatency = 93.7, kLatencySigma = 0.5;  // ms; p99 is 300
constexpr double kIncidentFrom = 1'080, kIncident = 300;
constexpr double kPeriod = 1'200;
constexpr double kLargestMean = 16;  // of one draw of a binomial number by inversion: P(0) stays far above 0

double swing(double t) {
  return 1 + 0.5 * std::sin(2 * std::numbers::pi * t / kPeriod);  // from 0.5 to 1.5
}

}  // namespace

Traffic::Traffic(const Course& course, std::uint64_t seed)
    : course_(course), random_(seed), incident_from_(kIncidentFrom) {
  if (course.is_incident_anywhere) incident_from_ = random_.unit() * (course.seconds - kIncident);
}

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

double Traffic::gap() const {
  return 1 / (course_.per_second * (course_.is_diurnal ? swing(t_) : 1));
}

double Traffic::error_rate_now() const {
  const bool is_incident = course_.incident_rate > 0 && t_ >= incident_from_ && t_ < incident_from_ + kIncident;
  if (is_incident) return course_.incident_rate;
  return course_.error_rate * (course_.is_diurnal ? swing(t_ + kPeriod / 3) : 1);
}

// By inversion, part by part, so that each part's mean is small (Kachitvichyanukul and Schmeiser, "Binomial random
// variate generation", 1988: algorithm BINV).
std::uint64_t Traffic::binomial(std::uint64_t count, double p) {
  if (!(p > 0) || count == 0) return 0;
  if (p > 0.5) return count - binomial(count, 1 - p);
  const double odds = p / (1 - p), log_none = std::log1p(-p);
  const auto part = static_cast<std::uint64_t>(kLargestMean / p);
  std::uint64_t all = 0;
  while (count > 0) {
    const std::uint64_t n = std::min(count, part);
    const double scaled = static_cast<double>(n + 1) * odds;
    double point = random_.unit(), chance = std::exp(static_cast<double>(n) * log_none);
    std::uint64_t found = 0;
    while (point > chance && found < n) {
      point -= chance;
      chance *= scaled / static_cast<double>(++found) - odds;
    }
    all += found;
    count -= n;
  }
  return all;
}

// The requests up to the next error or to `until`, drawn at once: how many go well is geometric, of these the
// candidate's are binomial.
void Traffic::gather(double until, double share) {
  const double each = gap(), fits = std::ceil((until - t_) / each) - 1;
  if (!(fits >= 1)) return;
  const auto requests = static_cast<std::uint64_t>(fits);
  const double in_slices =
      course_.slices == 0 ? 1 : (course_.slices - 1 + course_.slice_error_ratio) / static_cast<double>(course_.slices);
  const double control = error_rate_now(), candidate = std::min(1.0, control * course_.error_ratio * in_slices);
  const double any = share * candidate + (1 - share) * control;
  const double skipped = any > 0 ? std::floor(std::log(1 - random_.unit()) / std::log1p(-any)) : fits;
  const std::uint64_t well = skipped < fits ? static_cast<std::uint64_t>(skipped) : requests;
  t_ += each * static_cast<double>(well);
  const std::uint64_t candidates = binomial(well, share * (1 - candidate) / (1 - any));
  const Observation good{.t = t_, .p = share, .error = false};
  if (well < requests) {
    t_ += each;
    Observation& bad = gathered_.at(gathered_left_++) = good;
    bad.t = t_;
    bad.error = true;
    bad.arm = random_.unit() < share * candidate / any ? Arm::Candidate : Arm::Control;
    if (course_.slices > 0) bad.slices = slice_of_error(bad.arm);
  }
  for (const Arm arm : {Arm::Candidate, Arm::Control}) {
    const std::uint64_t count = arm == Arm::Candidate ? candidates : well - candidates;
    if (count == 0) continue;
    Observation& some = gathered_.at(gathered_left_++) = good;
    some.arm = arm;
    some.count = count;
  }
}

std::uint64_t Traffic::slice_of_error(Arm arm) {
  const double first = arm == Arm::Candidate ? course_.slice_error_ratio : 1;
  const double point = random_.unit() * (course_.slices - 1 + first) - first;
  return std::uint64_t{1} << (point < 0 ? 0U : 1 + static_cast<unsigned>(point));
}

// A user in a burst of errors comes again; everyone else comes once.
void Traffic::assign(Observation& request, double share) {
  request.p = share;
  if (burst_left_ > 0) {
    --burst_left_;
    request.unit = burst_unit_;
    request.arm = burst_point_ < share ? Arm::Candidate : Arm::Control;
    request.error = true;
    return;
  }
  const double point = random_.unit();
  request.unit = ++units_;
  request.arm = point < share ? Arm::Candidate : Arm::Control;
  if (course_.slices > 0) request.slices = std::uint64_t{1} << slice_of_request();
  decide_error(request);
  if (!*request.error || course_.burst <= 1) return;
  burst_unit_ = request.unit;
  burst_point_ = point;
  burst_left_ = static_cast<std::uint64_t>(std::log(1 - random_.unit()) / std::log(1 - 1 / course_.burst));
}

void Traffic::decide_error(Observation& request) {
  double rate = error_rate_now() / course_.burst;
  if (request.arm == Arm::Candidate) {
    rate *= course_.error_ratio * ((request.slices & 1U) != 0 ? course_.slice_error_ratio : 1);
  }
  request.error = random_.unit() < rate;
}

std::uint64_t Traffic::slice_of_request() {
  if (course_.first_slice == 0) return random_.below(course_.slices);
  return random_.unit() < course_.first_slice ? 0 : 1 + random_.below(course_.slices - 1);
}

void Traffic::decide_latency(Observation& request) {
  double latency = kMedianLatency * std::exp(kLatencySigma * normal());
  if (request.arm == Arm::Candidate) {
    latency *= course_.latency_ratio * (candidates_ < course_.cold_requests ? 3 : 1);
    if (course_.slow_share > 0 && random_.unit() < course_.slow_share) latency += 1'000;
  }
  request.latency_ms = latency;
}

// An order's amount, or whether the prediction was right; told with the answer, or later.
void Traffic::decide_outcome(Observation& request) {
  if (course_.revenue_rate > 0) {
    request.outcome = random_.unit() < course_.revenue_rate ? std::exp(1.5 * normal()) : 0.0;
  } else if (course_.right_rate > 0) {
    double right = course_.right_rate;
    if (request.arm == Arm::Candidate) {
      right *= course_.right_ratio;
      const double first = course_.flips_first_slice ? course_.first_slice : 0;
      if (first > 0) right = (request.slices & 1U) != 0 ? 1 - right : (right - first * (1 - right)) / (1 - first);
    }
    request.outcome = random_.unit() < right ? 1 : 0;
  }
  if (!request.outcome || course_.label_delay == 0) return;
  Observation& label = labels_.emplace_back(request);
  label.t += course_.label_delay;
  label.error.reset();
  label.latency_ms.reset();
  request.outcome.reset();
}

std::optional<Observation> Traffic::next(double until, double share) {
  if (course_.is_counted()) {
    if (gathered_left_ == 0) gather(until, share);
    if (gathered_left_ == 0) return std::nullopt;
    return gathered_.at(--gathered_left_);
  }
  const double at = t_ + gap();
  if (!labels_.empty() && labels_.front().t < std::min(at, until)) {
    const Observation label = labels_.front();
    labels_.pop_front();
    return label;
  }
  if (at >= until) return std::nullopt;
  t_ = at;
  Observation request{.t = t_};
  assign(request, share);
  const bool is_candidate = request.arm == Arm::Candidate;
  if (course_.has_latency) decide_latency(request);
  candidates_ += is_candidate ? 1 : 0;
  for (std::uint32_t i = 0; i < course_.values; ++i) {
    request.predictions.at(i) = normal() + (is_candidate ? course_.value_shift : 0);
  }
  decide_outcome(request);
  return request;
}

std::optional<evidence::PairObservation> Traffic::next_pair(double until, double mirrored) {
  const double at = t_ + gap() / mirrored;
  if (!(at < until)) return std::nullopt;
  t_ = at;
  evidence::PairObservation pair{.t = t_};
  auto& [control, candidate] = pair.answers.emplace();
  for (std::uint32_t i = 0; i < course_.values; ++i) {
    control.values.at(i) = normal();
    candidate.values.at(i) = control.values.at(i) + course_.value_shift + course_.pair_spread * normal();
  }
  return pair;
}

}  // namespace slipway::proof
