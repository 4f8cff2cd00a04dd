// A rollout whose evidence is gathered from a log in memory, one look at a time.
#pragma once

#include <gtest/gtest.h>

#include "adapter/log_evidence/decision_inputs.h"
#include "adapter/log_evidence/test_traffic.h"

namespace slipway::log_evidence {

inline constexpr std::uint64_t kServed = 8;  // the revision of the rollout's first split

// The first candidate is version 2; what it was told last stays.
class LogFixture : public ::testing::Test {
 protected:
  LogFixture() {
    rollout.number = 1;
    rollout.state.environment = "production";
    rollout.state.control = 1;
    rollout.state.candidates = {2};
    rollout.state.state = rollout::State::Applying;
    rollout.state.revision = kServed - 1;
    rollout.state.wanted.shares = split;
    plan("preset: canary\n");
    restart();
  }
  void plan(const std::string& yaml) {
    rollout.plan = yaml;
    rollout.plan_digest = sha256(as_bytes(yaml));
  }
  void restart(const std::string& log_name = "here") {
    evidence = std::make_unique<LogEvidence>(LogEvidence::Parts{
        .predictions = log,
        .environment = "production",
        .log = [log_name] { return Result<std::string>(log_name); },
        .read_plan = [](std::string_view yaml) { return plan_yaml::read_evidence_plan(yaml, "plan"); },
        .dropped = [this] { return dropped; }});
  }
  // One look. What it says of the first candidate; its inputs and state stay in `inputs` and `kept`.
  rollout::Evidence look() {
    auto gathered = evidence->gather(rollout, traffic.at);
    if (!gathered.ok())
      return {.reason = std::string(name_of(gathered.error().code)) + ": " + gathered.error().message};
    inputs = gathered->inputs();
    kept = gathered->state();
    rewards = gathered->rewards;
    all = gathered->evidence;
    return all.front();
  }
  void begin() {
    look();
    rollout.state.state = rollout::State::Observing;
    rollout.state.revision = kServed;
  }
  void serve(int requests) { traffic.serve(requests, split, kServed); }
  std::string answers_and_events() {
    const auto plan = plan_yaml::read_evidence_plan(rollout.plan, "plan").value();
    const auto again = judge_again(read_inputs(inputs).value(), plan).value();
    const evidence::Finding& first = again.front().judgement.findings.front();
    return std::to_string(first.control.units) + "+" + std::to_string(first.candidate.units);
  }
  void append(const ports::PredictionRecord& record) { static_cast<void>(log.append(std::span(&record, 1))); }
  ports::OutcomeRecord outcome_of(const ports::PredictionRecord& record, ports::OutcomeRecord::Kind kind,
                                  double value) const {
    return {.key = model::hash_of(record.request.text()) + static_cast<std::uint64_t>(kind),
            .request = record.request,
            .model = record.model,
            .version = record.version,
            .draw = record.draw,
            .kind = kind,
            .value = value,
            .at = record.at};
  }
  void append(const ports::OutcomeRecord& record) { static_cast<void>(log.append(std::span(&record, 1))); }

  std::vector<model::Share> split{{1, {8'000}}, {2, {2'000}}};
  ports::RolloutRecord rollout{.state = {.model = *model::ModelName::parse("fraud")}};
  FailingLog log;
  Traffic traffic{log, 1};
  std::vector<ports::DroppedPredictions> dropped;
  std::unique_ptr<LogEvidence> evidence;
  std::string inputs, kept;
  std::vector<rollout::Arm> rewards;
  std::vector<rollout::Evidence> all;
};

}  // namespace slipway::log_evidence
