// What the error budget of a model counts, and that the evidence of its next rollout keeps to it.
#include "adapter/log_evidence/past_rollouts.h"

#include <gtest/gtest.h>

#include "adapter/log_evidence/decision_inputs.h"
#include "adapter/log_evidence/log_evidence.h"
#include "adapter/log_evidence/test_traffic.h"
#include "adapter/store_memory/memory_rollouts.h"
#include "domain/stats/multiplicity.h"

namespace slipway::log_evidence {
namespace {

using rollout::State;

struct PastRollouts : testing::Test {
  ports::RolloutRecord put(std::string_view model, std::string environment, State state, bool is_harmful,
                           std::uint64_t after = 0) {
    ports::RolloutRecord record{.state = {.model = *model::ModelName::parse(model)}};
    record.state.environment = std::move(environment);
    record.state.control = 1;
    record.state.candidates = {2};
    record.state.state = state;
    record.state.frozen = {is_harmful};
    record.plan = "alpha_over: model\nmetrics: [{name: error_rate, source: errors}]\n";
    record.number = store.add(record, {}, after).value();
    return record;
  }
  store_memory::MemoryRollouts store;
};

TEST_F(PastRollouts, are_those_of_the_model_and_environment_that_came_before) {
  put("fraud", "production", State::Aborted, true);
  put("fraud", "production", State::Aborted, false);
  put("fraud", "production", State::Completed, true);
  put("fraud", "staging", State::Aborted, true);
  put("wine", "production", State::Aborted, true);
  const auto now = put("fraud", "production", State::Observing, false);
  put("fraud", "production", State::Queued, false, now.number);
  const auto past = past_rollouts(store, now).value();
  EXPECT_EQ(past.count, 3U);
  EXPECT_EQ(past.rolled_back, 1U);
}

TEST_F(PastRollouts, are_counted_over_pages) {
  for (int i = 0; i < 250; ++i) put("fraud", "production", State::Aborted, i % 2 == 0);
  const auto past = past_rollouts(store, put("fraud", "production", State::Observing, false)).value();
  EXPECT_EQ(past.count, 250U);
  EXPECT_EQ(past.rolled_back, 125U);
}

TEST_F(PastRollouts, leave_the_next_one_its_part_of_alpha_and_a_record_of_it) {
  for (int i = 0; i < 3; ++i) put("fraud", "production", State::Aborted, i == 0);
  const auto now = put("fraud", "production", State::Observing, false);
  FailingLog log;
  LogEvidence::Parts parts{
      .predictions = log,
      .environment = "production",
      .log = [] { return Result<std::string>("here"); },
      .read_plan = [](std::string_view yaml) { return plan_yaml::read_evidence_plan(yaml, "plan"); }};
  EXPECT_EQ(LogEvidence(parts).gather(now, {}).error().code, ErrorCode::Unavailable) << "nobody tells it of the past";
  EXPECT_EQ(LogEvidence(parts).check(now.plan).error().code, ErrorCode::InvalidInput);
  parts.rollouts = &store;
  LogEvidence evidence(parts);
  EXPECT_TRUE(evidence.check(now.plan).ok());
  const auto gathered = evidence.gather(now, {}).value();
  const auto inputs = read_inputs(gathered.inputs()).value();
  EXPECT_EQ(inputs.candidates.at(0).alpha, stats::e_lond_level(0.05, 4, 1));
  const auto again = judge_again(inputs, plan_yaml::read_evidence_plan(now.plan, "plan").value()).value();
  EXPECT_EQ(again.at(0).said.reason, inputs.candidates.at(0).said.reason);
  EXPECT_NEAR(again.at(0).judgement.harm_bar, -std::log(stats::e_lond_level(0.05, 4, 1)), 1e-12);
}

}  // namespace
}  // namespace slipway::log_evidence
