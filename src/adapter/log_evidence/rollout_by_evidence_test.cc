// Whole rollouts: the real controller and state machine, evidence from a log, simulated clock and traffic.
#include <gmock/gmock.h>

#include "adapter/log_evidence/decision_inputs.h"
#include "adapter/log_evidence/test_traffic.h"
#include "service/delivery/test_delivery.h"

namespace slipway::log_evidence {
namespace {

using rollout::State;
using testing::HasSubstr;
using testing::StartsWith;

class RolloutByEvidence : public delivery::DeliveryTest {
 protected:
  static constexpr const char* kPlan =
      "stages: [{canary: {weights: [10%, 50%, 100%], dwell: 20s, holdback: 0%}}]\n"
      "metrics:\n"
      "  - {name: error_rate, source: errors, margin_ratio: 2, margin_difference: 0.02}\n"
      "  - {name: latency, source: latency, margin_ratio: 3}\n"
      "  - {name: score, source: prediction, direction: either_way}\n";

  RolloutByEvidence() { open(); }
  // As after a kill: nothing is left but the stores and the log.
  void open() {
    from_log = std::make_unique<LogEvidence>(LogEvidence::Parts{
        .predictions = log_of_predictions,
        .environment = "production",
        .log = [] { return Result<std::string>("here"); },
        .read_plan = [](std::string_view yaml) { return plan_yaml::read_evidence_plan(yaml, "plan"); }});
    delivery = std::make_unique<delivery::Delivery>(delivery::Delivery::Parts{.store = store,
                                                                              .plans = plans,
                                                                              .traffic = traffic,
                                                                              .history = registry,
                                                                              .evidence = from_log.get(),
                                                                              .clock = clock,
                                                                              .log = log,
                                                                              .program = "test"});
  }
  // Seconds of 100 requests each; the controller looks ten times in each. Until the rollout is over.
  void serve(int seconds, int requests_a_look = 10) {
    for (int i = 0; i < 10 * seconds && !rollout::is_over(state().state); ++i) {
      requests.serve(requests_a_look, traffic.here->traffic.shares, traffic.here->revision);
      clock.advance(std::chrono::milliseconds(100));
      requests.at = clock.wall_now();
      delivery->tick();
    }
  }
  std::vector<ports::RolloutDecision> decisions() { return store.memory.decisions(1, 0, 1'000).value(); }

  FailingLog log_of_predictions;
  Traffic requests{log_of_predictions, 3};
  std::unique_ptr<LogEvidence> from_log;
};

TEST_F(RolloutByEvidence, an_equal_version_is_promoted) {
  ASSERT_EQ(start(request(kPlan)), "started");
  serve(1'200);
  EXPECT_EQ(state().state, State::Completed) << delivery->rollout(1)->holding;
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=5000 2=5000, 2=10000");
}

TEST_F(RolloutByEvidence, a_bad_version_is_rolled_back_by_itself) {
  struct Row {
    const char* what;
    Behaviour bad;
  };
  Behaviour errors, slow, shifted, broken;
  errors.error_rate = 0.08;
  slow.latency = std::chrono::milliseconds(25);
  shifted.score = 0.5;
  broken.error_rate = 0.9;
  std::uint64_t number = 0;
  for (const Row& row : {Row{"error_rate is worse", errors}, Row{"latency is worse", slow},
                         Row{"score is worse", shifted}, Row{"error_rate is worse", broken}}) {
    requests.candidate = row.bad;
    traffic.history.clear();
    ASSERT_EQ(start(request(kPlan)), "started");
    ++number;
    for (int i = 0; i < 6'000 && !rollout::is_over(state(number).state); ++i) {
      requests.serve(10, traffic.here->traffic.shares, traffic.here->revision);
      clock.advance(std::chrono::milliseconds(100));
      delivery->tick();
    }
    EXPECT_EQ(state(number).state, State::Aborted) << row.what;
    EXPECT_THAT(state(number).reason, StartsWith("version 2 does harm: " + std::string(row.what)));
    EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=10000") << row.what;
  }
}

TEST_F(RolloutByEvidence, goes_back_in_the_look_that_sees_the_deciding_answer) {
  ASSERT_EQ(start(request(kPlan)), "started");
  serve(1);
  requests.candidate.error_rate = 1;
  int looks = 0;
  std::uint64_t bad = 0;
  while (!rollout::is_over(state().state) && state().state != State::Restoring && looks++ < 1'000) {
    const auto record = requests.next(traffic.here->traffic.shares, traffic.here->revision);
    static_cast<void>(log_of_predictions.append(std::span(&record, 1)));
    bad += record.version == 2 ? 1 : 0;
    clock.advance(std::chrono::milliseconds(50));
    delivery->tick();
  }
  EXPECT_LE(bad, 11U) << "as soon as the fuse's last error is in the log, or evidence before it";
  EXPECT_EQ(traffic.here->traffic.shares, (std::vector<model::Share>{{1, model::kWhole}}));
}

TEST_F(RolloutByEvidence, harm_that_shows_while_the_end_is_refused_goes_back) {
  ASSERT_EQ(start(request(kPlan)), "started");
  for (int i = 0; i < 1'200 && weight_of(state()).count < 5'000; ++i) serve(1);
  serve(1);
  traffic.refuses = true;
  for (int i = 0; i < 1'200 && state().state != State::Completing; ++i) serve(1);
  ASSERT_EQ(state().state, State::Completing);
  requests.candidate.error_rate = 0.9;
  for (int i = 0; i < 600 && state().state == State::Completing; ++i) serve(1);
  EXPECT_EQ(state().state, State::Restoring);
  traffic.refuses = false;
  serve(5);
  EXPECT_THAT(state().reason, StartsWith("version 2 does harm: "));
  EXPECT_EQ(traffic.history, "1=9000 2=1000, 1=5000 2=5000, 1=10000");
}

// The same traffic twice.
class Twin final : public RolloutByEvidence {
 public:
  using RolloutByEvidence::decisions, RolloutByEvidence::open, RolloutByEvidence::requests, RolloutByEvidence::serve,
      RolloutByEvidence::start, RolloutByEvidence::state;
  void TestBody() override {}
};

TEST_F(RolloutByEvidence, killed_again_and_again_it_decides_the_same_on_the_same_traffic) {
  const std::string plan = "stages: [{canary: {weights: [10%], dwell: 1h}}]\n";
  Twin killed;
  for (Traffic* each : {&requests, &killed.requests}) each->candidate.error_rate = 0.04;
  ASSERT_EQ(start(request(plan)), "started");
  ASSERT_EQ(killed.start(request(plan)), "started");
  serve(600);
  for (int i = 0; i < 600 && !rollout::is_over(killed.state().state); ++i) {
    killed.serve(1);
    killed.open();
  }
  EXPECT_EQ(state().state, State::Aborted);
  EXPECT_EQ(killed.requests.count, requests.count);
  const auto whole = decisions(), after = killed.decisions();
  ASSERT_EQ(after.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(after[i].reason, whole[i].reason);
    EXPECT_EQ(after[i].evidence, whole[i].evidence);
  }
}

TEST_F(RolloutByEvidence, without_records_it_holds_and_goes_on_when_they_come_again) {
  ASSERT_EQ(start(request(kPlan)), "started");
  serve(5);
  log_of_predictions.failure = "no space left";
  serve(600);
  EXPECT_EQ(state().state, State::Observing);
  EXPECT_EQ(state().position, 0U);
  EXPECT_EQ(delivery->rollout(1)->holding, "the evidence cannot be read: no space left");
  log_of_predictions.failure.clear();
  serve(1'200);
  EXPECT_EQ(state().state, State::Completed);
}

TEST_F(RolloutByEvidence, without_traffic_nothing_is_decided) {
  ASSERT_EQ(start(request(kPlan)), "started");
  serve(600, 0);
  EXPECT_EQ(state().state, State::Observing);
  EXPECT_EQ(state().position, 0U);
  EXPECT_THAT(delivery->rollout(1)->holding, HasSubstr("expected at least 10 units of each arm, found 0"));
}

// The arm that pays best fails: its guardrail stands above its rewards.
TEST_F(RolloutByEvidence, a_bandit_goes_to_the_arm_that_pays_and_freezes_one_that_fails) {
  auto asked = request(
      "stages: [{bandit: {update_every: 10s, dwell: 2m}}]\n"
      "metrics: [{name: error_rate, source: errors, margin_difference: 0.03}]\n");
  asked.candidates = {2, 3};
  ASSERT_EQ(start(asked), "started");
  constexpr double kPays[] = {0, 0.2, 0.5, 0.8};
  std::uint32_t most_of_2 = 0;
  for (int i = 0; i < 6'000 && !rollout::is_over(state().state); ++i) {
    for (int k = 0; k < 10; ++k) {
      auto record = requests.next(traffic.here->traffic.shares, traffic.here->revision);
      if (record.version == 3 && requests.unit() < 0.1)
        record.status = 1 + static_cast<std::uint8_t>(ErrorCode::Internal);
      const ports::OutcomeRecord reward{.key = requests.count,
                                        .request = record.request,
                                        .model = record.model,
                                        .version = record.version,
                                        .draw = record.draw,
                                        .kind = ports::OutcomeRecord::Kind::Reward,
                                        .value = requests.unit() < kPays[record.version] ? 1.0 : 0.0,
                                        .at = record.at};
      static_cast<void>(log_of_predictions.append(std::span(&record, 1)));
      static_cast<void>(log_of_predictions.append(std::span(&reward, 1)));
    }
    clock.advance(std::chrono::milliseconds(100));
    delivery->tick();
    const auto& shares = traffic.here->traffic.shares;
    if (shares.size() == 3) most_of_2 = std::max(most_of_2, shares[1].share.count);
  }
  EXPECT_EQ(state().state, State::Completed) << delivery->rollout(1)->holding;
  EXPECT_EQ(state().frozen, (std::vector<bool>{false, true}));
  EXPECT_EQ(state().winner, 2U);
  EXPECT_GE(most_of_2, 9'000U) << "control keeps its floor";
}

TEST_F(RolloutByEvidence, every_decision_is_judged_again_to_the_same_words) {
  requests.candidate.error_rate = 0.05;
  ASSERT_EQ(start(request(kPlan)), "started");
  serve(600);
  const auto plan = plan_yaml::read_evidence_plan(kPlan, "plan").value();
  std::size_t with_inputs = 0;
  for (const ports::RolloutDecision& decision : decisions()) {
    if (decision.evidence.empty()) continue;
    ++with_inputs;
    const DecisionInputs inputs = read_inputs(decision.evidence).value();
    EXPECT_EQ(inputs.plan, sha256(as_bytes(std::string_view(kPlan))));
    const auto again = judge_again(inputs, plan).value();
    EXPECT_EQ(again.front().said.verdict, inputs.candidates.front().said.verdict);
    EXPECT_EQ(again.front().said.may_advance, inputs.candidates.front().said.may_advance);
    EXPECT_EQ(again.front().said.reason, inputs.candidates.front().said.reason);
    EXPECT_LT(decision.evidence.size(), 40'000U);
  }
  EXPECT_GE(with_inputs, 2U);
  EXPECT_THAT(decisions().at(1).reason, HasSubstr(read_inputs(decisions().at(1).evidence)->candidates[0].said.reason));
}

TEST_F(RolloutByEvidence, a_record_that_was_changed_is_found_out) {
  requests.candidate.error_rate = 0.05;
  ASSERT_EQ(start(request(kPlan)), "started");
  serve(600);
  std::string text = decisions().at(1).evidence;
  const auto plan = plan_yaml::read_evidence_plan(kPlan, "plan").value();
  DecisionInputs inputs = read_inputs(text).value();
  for (std::size_t word = 0; word + 8 <= 8 * 12; word += 8) inputs.candidates[0].state[word] ^= std::byte{0x40};
  const auto again = judge_again(inputs, plan);
  EXPECT_TRUE(!again.ok() || again->front().said.reason != inputs.candidates[0].said.reason);
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"format\": 1", "\"format\": 2"},
                                 {"\"state\": \"", "\"state\": \"!"},
                                 {"\"verdict\": \"", "\"verdict\": \"un"},
                                 {"\"candidates\": [", "\"candidates\": [], \"x\": ["}}) {
    std::string bad = text;
    ASSERT_NE(bad.find(from), std::string::npos);
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_EQ(read_inputs(bad).error().code, ErrorCode::InvalidInput) << to;
  }
}

}  // namespace
}  // namespace slipway::log_evidence
