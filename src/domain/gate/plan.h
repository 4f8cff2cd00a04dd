// Plan: which gates a version has to pass, and the policy of each. Read from YAML elsewhere; a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/gate/hold_out.h"

namespace slipway::gate {

// Of one bound: a gate passes wrongly, and fails wrongly, in at most one of 20 validations. Inside (0.5, 1). Where one
// of many rows may fail a gate (budgets, tests, slices, groups), failing takes a level that holds for all of them
// together.
inline constexpr double kConfidence = 0.95;

// What a new version may change for those who call the live one.
//   Compatible: the same requests are accepted and the same outputs answered.
//   Widened: more is accepted (a free dimension, a new optional input) or answered (a new output).
//   Breaking: some caller of the live version would see an error or another answer's form.
enum class InterfaceChange : std::uint8_t { Compatible, Widened, Breaking };
struct InterfacePolicy {
  InterfaceChange allowed = InterfaceChange::Widened;
};

struct LoadPolicy {
  Duration longest_load = std::chrono::seconds(60);
  std::uint32_t least_warmup_runs = 1;
};
struct GoldenPolicy {
  std::uint64_t least_cases = 1;
};
struct DeterminismPolicy {
  std::uint64_t least_rows = 1;
};

// Held against a budget, against the live version, or both; at least one of them.
struct LatencyBudget {
  std::uint64_t rows = 1;
  double quantile = 0.99;
  std::optional<Duration> budget;
  std::optional<double> ratio_to_live;  // at most so many times the live version's: 1.1
};
struct LatencyPolicy {
  std::vector<LatencyBudget> budgets;
  double confidence = kConfidence;
};

struct MemoryPolicy {
  std::optional<Bytes> most;
  std::optional<double> ratio_to_live;
};

enum class Against : std::uint8_t { Nothing, Better, NotWorse };  // than the live version
struct QualityRule {
  Metric metric = Metric::Accuracy;
  std::optional<double> threshold;  // the least value, or the largest where less is better
  Against live = Against::Nothing;
  double margin = 0;  // of NotWorse: how much worse is still as good; in the metric's unit, >= 0
};
struct QualityPolicy {
  std::vector<QualityRule> rules;
  double confidence = kConfidence;
  std::uint64_t least_rows = 30;
};

struct SlicesPolicy {
  Metric metric = Metric::Accuracy;
  std::optional<double> threshold;  // that every slice has to meet
  std::optional<double> gap;        // how far a slice may be behind the rows outside of it; in the metric's unit
  double confidence = kConfidence;
  std::uint64_t least_rows = 30;  // a slice with fewer rows is told of, and Inconclusive
};

struct BehaviourPolicy {
  double most_failing = 0;  // the rate of failures; 0: not one
  double confidence = kConfidence;
  std::uint64_t least_cases = 1;
};
struct RobustnessPolicy {
  double most_failing = 0;
  double confidence = kConfidence;
  std::uint64_t least_cases = 1;
};

struct FairnessPolicy {
  std::optional<double> parity_difference;       // demographic parity, at most
  std::optional<double> parity_ratio;            // smallest rate / largest rate, at least: 0.8
  std::optional<double> opportunity_difference;  // of true positive rates, at most
  std::optional<double> odds_difference;         // the larger of the differences of both rates, at most
  double confidence = kConfidence;
  std::uint64_t least_rows = 100;  // per group
};

struct CalibrationPolicy {
  std::optional<double> ece;    // at most; over equal-mass bins
  std::optional<double> brier;  // at most
  std::uint32_t bins = 15;
  double confidence = kConfidence;
  std::uint64_t least_rows = 100;
};

struct RegressionPolicy {};

struct SchemaPolicy {
  double most_missing = 0;  // rate per column, in [0, 1]
  double most_out_of_range = 0;
  double most_unseen = 0;
  bool unknown_columns_allowed = true;
  std::uint64_t least_rows = 1;
};

struct ModelCardPolicy {
  std::vector<std::string> required = {"owner",   "intended use",  "limits", "data",
                                       "metrics", "ethical notes", "licence"};
};
struct LicencePolicy {
  std::vector<std::string> allowed;  // SPDX identifiers
};

enum class Signing : std::uint8_t { Warn, Require };
struct SigningPolicy {
  Signing unsigned_versions = Signing::Warn;
};

struct SizePolicy {
  Bytes most = gibibytes(8);
  std::optional<std::uint64_t> most_files;
};

// Gates that are absent are not asked.
struct Plan {
  std::optional<InterfacePolicy> interface;
  std::optional<LoadPolicy> load;
  std::optional<GoldenPolicy> golden;
  std::optional<DeterminismPolicy> determinism;
  std::optional<LatencyPolicy> latency;
  std::optional<MemoryPolicy> memory;
  std::optional<QualityPolicy> quality;
  std::optional<SlicesPolicy> slices;
  std::optional<BehaviourPolicy> behaviour;
  std::optional<RobustnessPolicy> robustness;
  std::optional<FairnessPolicy> fairness;
  std::optional<CalibrationPolicy> calibration;
  std::optional<RegressionPolicy> regression;
  std::optional<SchemaPolicy> schema;
  std::optional<ModelCardPolicy> model_card;
  std::optional<LicencePolicy> licence;
  std::optional<SigningPolicy> signing;
  std::optional<SizePolicy> size;
  std::uint64_t seed = 1;           // of the resampling: the same measurements give the same verdict
  std::uint32_t resamples = 2'000;  // of a bootstrap
};

// Rates in [0, 1], confidences inside (0, 1), margins not negative, something to hold against. InvalidInput names gate
// and key.
Result<void> check(const Plan& plan);

}  // namespace slipway::gate
