// Measurements: what was gathered about a candidate version, one plain struct per gate. Filled outside of the domain.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "domain/gate/hold_out.h"
#include "domain/tensor/signature.h"

namespace slipway::gate {

struct InterfaceMeasurement {
  tensor::Signature declared;             // the manifest's
  tensor::Signature actual;               // the loaded model's
  std::optional<tensor::Signature> live;  // of the version that is served now
};

// How the gate process ended its loading and warm-up. Crashed: by a signal of its own making. Stopped: from outside, or
// it never started; that says nothing about the model.
enum class LoadEnd : std::uint8_t { Loaded, Refused, Crashed, OutOfMemory, TimedOut, Stopped };
struct LoadMeasurement {
  LoadEnd end = LoadEnd::Stopped;
  std::string detail;          // the engine's message, the signal
  std::uint32_t attempts = 1;  // that ended the same way
  Duration load_time{0};
  std::uint32_t warmup_runs = 0;
  Duration warmup_time{0};
};

// One case with a known answer: golden examples, and the fixed cases that failed once.
struct CaseResult {
  std::string name;
  bool matches = false;
  std::optional<double> largest_difference;
  std::string detail;  // the first difference: expected, found, where
};
struct GoldenMeasurement {
  std::vector<CaseResult> cases;
};
struct RegressionMeasurement {
  std::vector<CaseResult> cases;
};

struct Comparison {
  std::uint64_t compared = 0;  // rows
  std::uint64_t differing = 0;
  double largest_difference = 0;
  std::string first;  // the first difference: row, element, both values
};
struct DeterminismMeasurement {
  Comparison repeated;                // the same input twice
  std::optional<Comparison> batched;  // batch 1 against batch n; none: rows are never merged
};

struct LatencySample {
  std::uint64_t rows = 1;         // of one execution
  std::vector<double> candidate;  // microseconds of single executions, in the order measured
  std::vector<double> live;       // the same of the live version, on the same machine and turn by turn; or empty
};
struct LatencyMeasurement {
  std::vector<LatencySample> samples;
  bool has_live = false;  // a version is live: then a sample without its times is a gap, not a first version
};

struct MemoryMeasurement {
  Bytes peak;                 // of the gate process while loading and running, above its empty state
  std::optional<Bytes> live;  // the same of the live version
  bool has_live = false;      // as in LatencyMeasurement
};

struct QualityMeasurement {
  HoldOut data;
};

struct Slice {
  std::string name;                 // "country=DE"
  std::vector<std::uint32_t> rows;  // indices into the hold-out data, each at most once
};
struct SlicesMeasurement {
  HoldOut data;
  std::vector<Slice> slices;
};

enum class BehaviourKind : std::uint8_t { MinimumFunctionality, Invariance, Directional };
struct BehaviourResult {
  std::string name;
  BehaviourKind kind = BehaviourKind::Invariance;
  std::uint64_t cases = 0;
  std::uint64_t failures = 0;
  std::string first_failure;  // row, change, expected, found
};
struct BehaviourMeasurement {
  std::vector<BehaviourResult> tests;
};

enum class Disturbance : std::uint8_t { Noise, MissingValue, OutOfRange, UnseenCategory };
struct RobustnessResult {
  std::string name;
  Disturbance kind = Disturbance::Noise;
  std::uint64_t cases = 0;
  std::uint64_t crashes = 0;       // the process ended
  std::uint64_t refused = 0;       // the model answered an error: allowed, and told
  std::uint64_t not_finite = 0;    // NaN or infinity where the undisturbed answer was finite
  std::uint64_t beyond_bound = 0;  // the answer moved by more than the declared bound
  double largest_change = 0;
  std::string first_failure;
};
struct RobustnessMeasurement {
  std::vector<RobustnessResult> tests;
};

struct FairnessGroup {
  std::string name;  // "sex=f"
  std::uint64_t rows = 0;
  std::uint64_t predicted_positive = 0;
  std::uint64_t positives = 0;  // by the truth; with true_positives of them predicted so
  std::uint64_t true_positives = 0;
  std::uint64_t negatives = 0;  // by the truth; with false_positives of them predicted positive
  std::uint64_t false_positives = 0;
};
struct FairnessMeasurement {
  std::vector<FairnessGroup> groups;  // of one attribute
};

struct CalibrationMeasurement {
  std::vector<double> probabilities;  // of the positive class
  std::vector<std::uint8_t> outcomes;
};

struct ColumnFacts {
  std::string name;
  std::string expected_type;  // "FP32", "BYTES", ...
  std::string found_type;     // "number", "text", ...
  bool type_fits = true;
  std::uint64_t missing = 0;  // empty, null or NaN
  std::uint64_t out_of_range = 0;
  std::uint64_t unseen = 0;  // categories that the manifest does not list
};
struct SchemaMeasurement {
  std::uint64_t rows = 0;
  std::vector<ColumnFacts> columns;  // that are expected and there
  std::vector<std::string> absent;   // expected and not there
  std::vector<std::string> unknown;  // there and not expected
};

struct ModelCardMeasurement {
  std::map<std::string, std::string> fields;  // by lower-case name, the text under it
};
struct LicenceMeasurement {
  std::string expression;  // SPDX: "Apache-2.0", "MIT OR GPL-2.0-only"; empty: none declared
};

// Unverifiable: of a kind that cannot be checked here.
enum class SigningState : std::uint8_t { Unsigned, Valid, UnknownKey, Unverifiable, RevokedKey, Invalid };
struct SigningMeasurement {
  SigningState state = SigningState::Unsigned;
  std::string key;                 // of Valid: the names of the keys
  std::string detail;              // of the others: what was expected and found
  std::uint64_t trusted_keys = 0;  // that a signature was held against
};

struct SizeMeasurement {
  Bytes package;
  std::uint64_t files = 0;
  Bytes largest_file;
};

// A value. What is absent was not measured; `missing` says why, by gate name.
struct Measurements {
  std::optional<InterfaceMeasurement> interface;
  std::optional<LoadMeasurement> load;
  std::optional<GoldenMeasurement> golden;
  std::optional<DeterminismMeasurement> determinism;
  std::optional<LatencyMeasurement> latency;
  std::optional<MemoryMeasurement> memory;
  std::optional<QualityMeasurement> quality;
  std::optional<SlicesMeasurement> slices;
  std::optional<BehaviourMeasurement> behaviour;
  std::optional<RobustnessMeasurement> robustness;
  std::vector<FairnessMeasurement> fairness;  // one per declared attribute
  std::optional<CalibrationMeasurement> calibration;
  std::optional<RegressionMeasurement> regression;
  std::optional<SchemaMeasurement> schema;
  std::optional<ModelCardMeasurement> model_card;
  std::optional<LicenceMeasurement> licence;
  std::optional<SigningMeasurement> signing;
  std::optional<SizeMeasurement> size;
  std::map<std::string, std::string> missing;
};

}  // namespace slipway::gate
