// The gates: each a pure function of its policy and its measurements. One file per gate.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/gate/measurements.h"
#include "domain/gate/plan.h"
#include "domain/gate/verdict.h"

namespace slipway::gate {

// How estimates without a closed form are resampled; the same values, the same verdict.
struct Resampling {
  std::uint64_t seed = 1;
  std::uint32_t resamples = 2'000;
};

Verdict judge_interface(const InterfacePolicy& policy, const InterfaceMeasurement& measured);
Verdict judge_load(const LoadPolicy& policy, const LoadMeasurement& measured);
Verdict judge_golden(const GoldenPolicy& policy, const GoldenMeasurement& measured);
Verdict judge_determinism(const DeterminismPolicy& policy, const DeterminismMeasurement& measured);
Verdict judge_latency(const LatencyPolicy& policy, const LatencyMeasurement& measured);
Verdict judge_memory(const MemoryPolicy& policy, const MemoryMeasurement& measured);
Verdict judge_quality(const QualityPolicy& policy, const QualityMeasurement& measured, const Resampling& resampling);
Verdict judge_slices(const SlicesPolicy& policy, const SlicesMeasurement& measured, const Resampling& resampling);
Verdict judge_behaviour(const BehaviourPolicy& policy, const BehaviourMeasurement& measured);
Verdict judge_robustness(const RobustnessPolicy& policy, const RobustnessMeasurement& measured);
Verdict judge_fairness(const FairnessPolicy& policy, const std::vector<FairnessMeasurement>& measured);
Verdict judge_calibration(const CalibrationPolicy& policy, const CalibrationMeasurement& measured,
                          const Resampling& resampling);
Verdict judge_regression(const RegressionPolicy& policy, const RegressionMeasurement& measured);
Verdict judge_schema(const SchemaPolicy& policy, const SchemaMeasurement& measured);
Verdict judge_model_card(const ModelCardPolicy& policy, const ModelCardMeasurement& measured);
Verdict judge_licence(const LicencePolicy& policy, const LicenceMeasurement& measured);
Verdict judge_signing(const SigningPolicy& policy, const SigningMeasurement& measured);
Verdict judge_size(const SizePolicy& policy, const SizeMeasurement& measured);

// What the candidate changes for callers of the live version; each difference is a row, those that matter most first.
InterfaceChange compare_interfaces(const tensor::Signature& live, const tensor::Signature& candidate,
                                   std::vector<Evidence>& differences);

struct GateVerdict {
  std::string gate;  // "latency": the plan's key
  Verdict verdict;
};

// Every gate of the plan, in the order of its fields. A gate without measurements is Inconclusive, and says why.
std::vector<GateVerdict> judge(const Plan& plan, const Measurements& measurements);

// Fail if one failed, else Inconclusive if one is, else Pass; of nothing Inconclusive.
Outcome overall(const std::vector<GateVerdict>& verdicts);

}  // namespace slipway::gate
