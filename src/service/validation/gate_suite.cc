#include "service/validation/gate_suite.h"

#include <algorithm>

#include "domain/model/model_card.h"
#include "service/validation/evaluation.h"

namespace slipway::validation {
namespace {

// What a package says of itself, without running it.
void look_at_package(const ports::GatePlan& plan, const GateInputs& inputs, gate::Measurements& measured) {
  const GateSubject& candidate = inputs.candidate;
  const auto sections = model::card_sections(candidate.card);
  if (plan.gates.model_card) measured.model_card = gate::ModelCardMeasurement{sections};
  if (plan.gates.licence) {
    const auto label = candidate.manifest.labels.find("licence");
    const auto section = sections.find("licence");
    gate::LicenceMeasurement licence;
    if (section != sections.end()) licence.expression = section->second;
    if (label != candidate.manifest.labels.end()) licence.expression = label->second;
    measured.licence = std::move(licence);
  }
  if (plan.gates.signing && inputs.signing) measured.signing.emplace(*inputs.signing);
  if (plan.gates.signing && !inputs.signing) {
    measured.missing.emplace("signing", inputs.no_signing.empty() ? "signatures are not read here" : inputs.no_signing);
  }
  if (!plan.gates.size) return;
  gate::SizeMeasurement size{.files = candidate.version.files.size()};
  for (const model::PackageFile& file : candidate.version.files) {
    size.package.count += file.size;
    size.largest_file.count = std::max(size.largest_file.count, file.size);
  }
  measured.size = size;
}

void take_run(const ports::GatePlan& plan, const GateInputs& inputs, const ports::GateRun& run,
              gate::Measurements& measured) {
  const gate::Plan& gates = plan.gates;
  const std::string why = run.ended_early.empty() ? run.load.detail : run.ended_early;
  if (gates.load) measured.load = run.load;
  if (gates.interface && run.actual) {
    measured.interface = gate::InterfaceMeasurement{inputs.candidate.manifest.signature, *run.actual, {}};
    if (inputs.live) measured.interface->live = inputs.live->manifest.signature;
  }
  if (gates.golden) measured.golden = run.golden;
  if (gates.determinism) measured.determinism = run.determinism;
  if (gates.latency && !run.latency.empty()) {
    measured.latency = gate::LatencyMeasurement{.samples = run.latency, .has_live = inputs.live.has_value()};
  }
  if (gates.memory && run.memory) {
    measured.memory =
        gate::MemoryMeasurement{.peak = run.memory->growth, .live = {}, .has_live = inputs.live.has_value()};
  }
  for (const std::string_view name : {"interface", "golden", "determinism", "latency", "memory"}) {
    measured.missing.emplace(name, why.empty() ? "made-up inputs do not run on this model: add a golden example" : why);
  }
}

// More turns after the first, each version going first in every other one: what the machine does meanwhile, such as
// warming up or slowing down, then touches both alike.
constexpr int kFurtherTurns = 2;

void append_times(const ports::GateRun& run, gate::LatencyMeasurement& latency,
                  std::vector<double> gate::LatencySample::* whose) {
  for (gate::LatencySample& into : latency.samples) {
    for (const gate::LatencySample& more : run.latency) {
      if (more.rows == into.rows) {
        (into.*whose).insert((into.*whose).end(), more.candidate.begin(), more.candidate.end());
      }
    }
  }
}

void take_live_run(const ports::GateRun& live, gate::Measurements& measured) {
  for (std::size_t i = 0; measured.latency && i < measured.latency->samples.size(); ++i) {
    for (const gate::LatencySample& sample : live.latency) {
      if (sample.rows == measured.latency->samples[i].rows) measured.latency->samples[i].live = sample.candidate;
    }
  }
  if (measured.memory && live.memory) measured.memory->live = live.memory->growth;
}

}  // namespace

bool GateSuite::take_turns(const ports::GatePlan& plan, const GateInputs& inputs, gate::Measurements& measured) const {
  bool interrupted = false;
  const auto run = [&](const GateSubject& subject, std::vector<double> gate::LatencySample::* whose) {
    const ports::GateRun timed = probe_.run(subject.version, {.latency_rows = plan.latency_rows, .row_sets = {}});
    interrupted |= timed.interrupted;
    append_times(timed, *measured.latency, whose);
  };
  for (int turn = 0; measured.latency && turn < kFurtherTurns; ++turn) {
    if (turn % 2 == 0) run(*inputs.live, &gate::LatencySample::live);
    run(inputs.candidate, &gate::LatencySample::candidate);
    if (turn % 2 != 0) run(*inputs.live, &gate::LatencySample::live);
  }
  return interrupted;
}

GateResult GateSuite::run(const ports::GatePlan& plan, const GateInputs& inputs,
                          const std::function<void(std::string_view)>& progress) const {
  GateResult result;
  gate::Measurements& measured = result.measured;
  look_at_package(plan, inputs, measured);
  Evaluation evaluation(plan, inputs, measured);
  progress("load, golden examples, determinism, latency, memory, hold-out rows");
  const ports::GateRun run = probe_.run(
      inputs.candidate.version,
      {plan.gates.golden.has_value(), plan.gates.determinism.has_value(), plan.latency_rows, evaluation.sets()});
  result.sandbox = run.sandbox;
  result.interrupted = run.interrupted;
  take_run(plan, inputs, run, measured);
  evaluation.take_answers(run);
  if (inputs.live) {
    progress("the live version");
    ports::GateRequest request{.latency_rows = plan.latency_rows, .row_sets = {}};
    if (evaluation.has_hold_out()) request.row_sets.push_back(evaluation.hold_out());
    const ports::GateRun live = probe_.run(inputs.live->version, request);
    result.interrupted |= live.interrupted;
    take_live_run(live, measured);
    evaluation.take_live_answers(live);
    result.interrupted |= take_turns(plan, inputs, measured);
  }
  for (const ports::RobustnessTest& test : plan.robustness) {
    if (!evaluation.has_answers() || !plan.gates.robustness) break;
    progress("robustness: " + test.name);
    // A process for each: one that crashes costs the others nothing.
    if (const auto rows = evaluation.robustness_rows(test)) {
      const ports::GateRun disturbed =
          probe_.run(inputs.candidate.version, {.latency_rows = {}, .row_sets = {rows->set(test.name)}});
      result.interrupted |= disturbed.interrupted;
      evaluation.take_robustness(test, disturbed);
    }
  }
  evaluation.finish();
  progress("verdicts");
  result.verdicts = gate::judge(plan.gates, measured);
  result.outcome = gate::overall(result.verdicts);
  return result;
}

}  // namespace slipway::validation
