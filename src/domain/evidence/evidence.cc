#include "domain/evidence/evidence.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "domain/stats/kept_state.h"

namespace slipway::evidence {
namespace {

// A unit's flags: bit 2 i for metric i's event, 2 i + 1 for its value, and these.
constexpr std::uint64_t kFused = std::uint64_t{1} << 61U, kAnswered = std::uint64_t{1} << 62U,
                        kLabelled = std::uint64_t{1} << 63U;

enum class Bet : std::uint8_t { Event, Value };
std::uint64_t flag_of(std::size_t metric, Bet bet) {
  return std::uint64_t{1} << (2 * metric + (bet == Bet::Value ? 1U : 0U));
}

bool first_time(std::uint64_t& flags, std::uint64_t flag) {
  if ((flags & flag) != 0) return false;
  flags |= flag;
  return true;
}

bool is_label(Source source) {
  return source == Source::Outcome || source == Source::Amount;
}

// NaN: the prediction is not known.
double measured(const MetricPlan& plan, const Observation& observation) {
  const double outcome = *observation.outcome, predicted = observation.predictions.at(plan.column);
  switch (plan.measure) {
    case Measure::Value:
      return outcome;
    case Measure::Right:
      return std::isnan(predicted) ? kAbsent : std::round(predicted) == outcome ? 1 : 0;
    case Measure::Distance:
      return std::abs(predicted - outcome);
  }
  return kAbsent;
}

}  // namespace

Result<Evidence> Evidence::create(const EvidencePlan& plan) {
  TRY(check(plan));
  return Evidence(plan);
}

Evidence::Evidence(const EvidencePlan& plan) : plan_(plan), seen_(plan.most_units), limits_(plan.limits.size()) {
  for (const MetricPlan& metric : plan_.metrics) {
    metrics_.emplace_back(metric, plan_.slices.size());
    all_weights_ += metric.weight;
  }
  if (plan_.looks) planned_.emplace_back(plan_);
}

void Evidence::mismatch(std::size_t stage, stats::Arm arm, double p, std::uint64_t count) {
  if (p > 0 && p < 1) mismatches_.at(stage).units(arm, p, count);
}

void Evidence::light_fuse(bool error, std::uint64_t count) {
  if (!plan_.fuse) return;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, 64); ++i) {
    fuse_bits_ = fuse_bits_ << 1U | (error ? 1U : 0U);
    ++fuse_answers_;
    const std::uint64_t window =
        plan_.fuse->window == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << plan_.fuse->window) - 1;
    if (fuse_answers_ < plan_.fuse->window) continue;
    fuse_blown_ = fuse_blown_ || std::popcount(fuse_bits_ & window) >= static_cast<int>(plan_.fuse->errors);
  }
}

bool Evidence::is_keyed(const Observation& observation) const {
  return plan_.unit == Unit::Keyed || (plan_.unit == Unit::Either && observation.unit != 0);
}

// Latencies begin to count for both arms when the candidate has had its first ones.
bool Evidence::is_warm(const Observation& observation) {
  if (warm_up_ >= plan_.warm_up_requests) return true;
  if (observation.arm == stats::Arm::Candidate) warm_up_ += observation.count;
  return false;
}

void Evidence::observe(const Observation& observation) {
  if (observation.count == 0) return;
  const bool is_answer = observation.error.has_value();
  if (is_answer) {
    answers_ += observation.count;
    if (std::isfinite(observation.t)) {
      if (first_t_ == 0) first_t_ = observation.t;
      last_t_ = std::max(last_t_, observation.t);  // a clock that goes back stands still
    }
  }
  const bool has_chance = observation.p > 0 && observation.p < 1;
  if (!has_chance) unbet_ += observation.count;
  const bool is_candidates = is_answer && observation.arm == stats::Arm::Candidate && !observation.blames_caller;
  std::uint64_t unkeyed = 0;
  std::uint64_t* flags = &unkeyed;
  const bool has_key = is_keyed(observation);
  if (has_key) {
    if (observation.unit == 0) {
      without_unit_ += observation.count;
      if (is_candidates) light_fuse(*observation.error, observation.count);
      return;
    }
    // What is not bet on is remembered only for the fuse.
    if (has_chance || (is_candidates && *observation.error)) flags = seen_.find(observation.unit);
    if (flags == nullptr) {
      if (has_chance) refused_ += observation.count;
      if (is_candidates) light_fuse(*observation.error, observation.count);
      return;
    }
  }
  // One user's errors, however many, are one error; of users that cannot be told apart each is.
  const bool lights = is_candidates && (!has_key || !*observation.error || first_time(*flags, kFused));
  if (lights) light_fuse(*observation.error, observation.count);
  if (!has_chance) return;
  last_p_ = observation.p;
  if (is_answer) answer(observation, *flags);
  if (observation.outcome) label(observation, *flags);
}

void Evidence::answer(const Observation& observation, std::uint64_t& flags) {
  const bool has_key = is_keyed(observation);
  const std::uint64_t units = has_key ? 1 : observation.count;
  const bool is_new = first_time(flags, kAnswered);
  if (is_new) mismatch(1, observation.arm, observation.p, units);
  const bool is_warm_now = is_warm(observation);
  const auto once_for = [&](std::size_t metric, Bet bet) {
    return !has_key || first_time(flags, flag_of(metric, bet));
  };
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const MetricPlan& plan = plan_.metrics[i];
    MetricEvidence& metric = metrics_[i];
    const auto bet_value = [&](double value) {
      if (!once_for(i, Bet::Value)) return;
      for (std::uint64_t unit = 0; unit < units; ++unit) {
        metric.value(value, observation.arm, observation.p, observation.slices);
      }
      metric.weigh(plan_.slice_share);
    };
    if (plan.source == Source::Errors) {
      if (is_new) metric.exposed(observation.arm, observation.p, units);
      if (plan.margin_difference) bet_value(*observation.error ? 1 : 0);
      if (!*observation.error || !once_for(i, Bet::Event)) continue;
      for (std::uint64_t unit = 0; unit < units; ++unit) {
        metric.error(observation.arm, observation.p, observation.slices);
      }
      metric.weigh(plan_.slice_share);
    } else if (plan.source == Source::Latency && observation.latency_ms && is_warm_now) {
      bet_value(*observation.latency_ms);
    } else if (plan.source == Source::Prediction && !*observation.error) {
      bet_value(observation.predictions.at(plan.column));
    }
  }
}

void Evidence::label(const Observation& observation, std::uint64_t& flags) {
  if (first_time(flags, kLabelled)) mismatch(2, observation.arm, observation.p, 1);
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const MetricPlan& plan = plan_.metrics[i];
    if (!is_label(plan.source)) continue;
    if (plan.feedback && observation.feedback && plan.feedback != observation.feedback) continue;
    if (is_keyed(observation) && !first_time(flags, flag_of(i, Bet::Value))) continue;
    if (is_planned(i)) {
      planned_.front().value(i, measured(plan, observation), observation.arm, observation.p);
      continue;
    }
    metrics_[i].value(measured(plan, observation), observation.arm, observation.p, observation.slices);
    metrics_[i].weigh(plan_.slice_share);
  }
}

std::vector<std::byte> Evidence::state() const {
  Evidence copy = *this;  // `keep` names members for both ways
  stats::StateWriter writer;
  copy.keep(writer);
  return writer.take();
}

std::vector<std::byte> Evidence::judged_state() const {
  Evidence copy = *this;
  copy.seen_ = SeenUnits(plan_.most_units);
  return copy.state();
}

Result<Evidence> Evidence::restore(const EvidencePlan& plan, std::span<const std::byte> state) {
  Evidence evidence = TRY(create(plan));
  stats::StateReader reader(state);
  evidence.keep(reader);
  TRY(reader.finish());
  if (!evidence.seen_.is_sound()) {
    return corrupt("kept state: expected a table with as many units as it says, and free slots, found another");
  }
  if (!evidence.planned_.empty() && !evidence.planned_.front().is_sound()) {
    return corrupt("kept state: expected looks as they are planned, each with its units, found others");
  }
  return evidence;
}

}  // namespace slipway::evidence
