// EvidencePlan: what a rollout asks of its traffic before it rolls back, goes on or promotes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/evidence/agreement_plan.h"
#include "domain/model/slicing.h"
#include "domain/stats/group_sequential.h"

namespace slipway::evidence {

inline constexpr std::size_t kMostMetrics = 30;
inline constexpr std::size_t kMostSlices = 64;

enum class Source : std::uint8_t {
  Errors,      // answers that are errors
  Latency,     // answers slower than control's frozen p50, p95 and p99
  Prediction,  // one of the reduced values, by its rank in control's
  Outcome,     // feedback in a known range: right or wrong, converted or not, loss
  Amount,      // feedback without an upper bound, at least 0: revenue, cost; cut at the p99 of control's above 0
};
// What an outcome is.
enum class Feedback : std::uint8_t { Label, Reward, Conversion, Cost };
// What a metric makes of an outcome, and of the prediction that it was told of.
enum class Measure : std::uint8_t {
  Value,     // as it was told
  Right,     // 1 where the prediction's value, rounded to a whole number, is the outcome; else 0
  Distance,  // between the prediction's value and the outcome
};
enum class Direction : std::uint8_t { LargerIsWorse, SmallerIsWorse, EitherWay };
std::string_view name_of(Source source);        // "errors"
std::string_view name_of(Direction direction);  // "larger_is_worse"

// Margins say what "not worse" is, tolerances what is no harm yet. Ratios are of error rates or, for latency, of the
// rates above control's p99; differences are absolute: in rates, in the outcome's unit, for predictions of the mean
// rank score 2 u - 1. A relative margin is a share of control's mean. A value.
struct MetricPlan {
  std::string name;
  Source source = Source::Errors;
  Direction direction = Direction::LargerIsWorse;
  std::uint32_t column = 0;                 // of a prediction's values
  std::optional<Feedback> feedback;         // outcomes, amounts: only of this kind
  Measure measure = Measure::Value;         // of outcomes and amounts
  double low = 0, high = 1;                 // an outcome's range
  double weight = 1;                        // share of alpha, relative to the other metrics'
  std::optional<double> margin_ratio;       // errors, latency; above 1
  std::optional<double> margin_difference;  // errors, predictions, outcomes
  std::optional<double> margin_relative;    // outcomes, amounts; inside (0, 1)
  double tolerance_ratio = 1;               // at least 1
  double tolerance_difference = 0;
  double design = 0;  // the effect that power is asked for: ratio, or difference (amounts: relative); 0: the default
  std::uint64_t minimum_sample = 10;  // units of each arm before anything but a fuse rolls back or promotes

  bool is_guardrail() const { return margin_ratio || margin_difference || margin_relative; }
  double design_effect() const;
  bool operator==(const MetricPlan&) const = default;
};

// Errors of the candidate's last `window` answers: from `errors` on it rolls back at once, whatever control does.
struct SeverityFuse {
  std::uint32_t errors = 11;
  std::uint32_t window = 20;
  bool operator==(const SeverityFuse&) const = default;
};
// P(one window of the fuse is full of errors by chance), if each answer fails with this probability.
double false_alarm_probability(const SeverityFuse& fuse, double error_rate);

// A test of outcomes and amounts with a planned number of looks: they are compared there and nowhere else, while
// candidate has its planned share. Errors and latency are bet on all the time, as ever. A value.
struct LookPlan {
  std::uint64_t units = 0;  // of both arms together that have their outcome, at the last look
  std::uint32_t looks = 5;  // evenly spaced
  stats::Spending spending = stats::Spending::ObrienFleming;
  double share = 0.5;  // of candidate
  bool operator==(const LookPlan&) const = default;
};

// Request: every answer is one. Keyed: what has no unit key is none. Either: a key's answers are one, and an answer
// without a key is one by itself.
enum class Unit : std::uint8_t { Request, Keyed, Either };

// What alpha is promised over: each rollout, or all of a model's (rollout_budget.h).
enum class Budget : std::uint8_t { Rollout, Model };
// A bound on a number that a monitoring server gives for a query. Nobody randomised what it counts: it is only a fuse,
// which rolls back when it is broken, holds while it has no value, and promotes nothing. A value.
struct LimitPlan {
  std::string name;
  std::string server;  // as the configuration of the server that gathers the evidence names it
  std::string query;
  std::optional<double> least, most;  // one of them, or both

  bool is_kept_by(double value) const { return !(least && value < *least) && !(most && value > *most); }
  bool operator==(const LimitPlan&) const = default;
};
inline constexpr std::size_t kMostLimits = 8;
inline constexpr std::size_t kLongestQuery = 2'048;

// What the column of slices COLUMN=VALUE is read from in a server's requests.
struct SlicedColumn {
  std::string name;
  model::SliceSource source;
  bool operator==(const SlicedColumn&) const = default;
};

inline constexpr double kLeastAlpha = 1e-12;  // that a budget leaves a rollout

struct EvidencePlan {
  double alpha = 0.05;              // of a false rollback, over all metrics, slices, looks and steps
  double beta = 0.05;               // of promoting a version that is worse by a margin
  double power = 0.8;               // of finding the design effects, before a step is left
  std::vector<MetricPlan> metrics;  // may be none where there are metrics of agreement
  std::vector<std::string> slices;
  std::vector<LimitPlan> limits;
  std::vector<SlicedColumn> slice_columns;  // those that are not read from a header of their name
  double slice_share = 0.2;                 // of each metric's weight, spread over the slices
  Unit unit = Unit::Request;
  std::uint64_t most_units = 1U << 20U;  // remembered when keyed; a full table holds
  std::uint64_t warm_up_requests = 0;    // of the candidate; latencies before are of neither arm
  std::optional<SeverityFuse> fuse = SeverityFuse{};
  double mismatch_alpha = 0.001;
  AgreementPlan agreement{};  // of answers in the shadow of others
  std::optional<LookPlan> looks;
  Budget budget = Budget::Rollout;

  // What of alpha is left for the traffic that users are given.
  double live_alpha() const { return agreement.metrics.empty() ? alpha : alpha * (1 - agreement.alpha_share); }
  double shadow_alpha() const { return alpha * agreement.alpha_share; }
  bool operator==(const EvidencePlan&) const = default;
};

// Ok, or InvalidInput naming the metric and field, what was expected and what was found.
Result<void> check(const EvidencePlan& plan);

}  // namespace slipway::evidence
