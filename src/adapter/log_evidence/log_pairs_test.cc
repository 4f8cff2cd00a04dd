// What is read of mirrored requests: pairs, and what they say of the first candidate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/log_evidence/log_fixture.h"

namespace slipway::log_evidence {
namespace {

using model::Verdict;
using testing::HasSubstr;

const std::string kPlan =
    "preset: canary\nagreement:\n  metrics:\n  - {name: same, source: numeric, absolute: 0.000001}\n";

class LogPairs : public LogFixture {
 protected:
  LogPairs() {
    rollout.state.state = rollout::State::Observing;
    rollout.state.revision = kServed;
    rollout.state.wanted = {{{1, model::kWhole}, {2, {}}}, model::kWhole};
    plan(kPlan);
  }
  rollout::Evidence look() {
    rollout::Evidence said = LogFixture::look();
    rollout.evidence = kept;
    return said;
  }
  ports::PredictionRecord live() {
    auto record = traffic.next({{1, model::kWhole}}, kServed);
    record.status = 0;
    record.pair = static_cast<std::uint16_t>(1 + traffic.count % 1000);
    record.outputs = traffic.count;
    return record;
  }
  ports::PredictionRecord twin_of_live(ports::PredictionRecord record, float shift) {
    record.version = 2;
    record.traffic = ports::Traffic::Shadow;
    record.values[0] += shift;
    record.outputs += shift == 0 ? 0 : 1;
    return record;
  }
  // Requests whose twins come some requests later, as they do.
  void serve(int requests, float shift) {
    for (int i = 0; i < requests; ++i) {
      append(live_records.emplace_back(live()));
      if (live_records.size() < 8) continue;
      append(twin_of_live(live_records.front(), shift));
      live_records.erase(live_records.begin());
    }
  }

  std::vector<ports::PredictionRecord> live_records;  // whose twins have not come
};

TEST_F(LogPairs, equal_answers_pass_and_different_ones_are_harm) {
  look();
  serve(1'000, 0);
  const auto equal = look();
  EXPECT_EQ(equal.verdict, Verdict::Pass) << equal.reason;
  EXPECT_TRUE(equal.may_advance);
  serve(10, 0.001F);
  const auto different = look();
  EXPECT_EQ(different.verdict, Verdict::Fail);
  EXPECT_THAT(different.reason, HasSubstr("outputs differ where none may"));
}

TEST_F(LogPairs, nothing_goes_on_before_there_are_pairs) {
  look();
  for (int i = 0; i < 1'000; ++i) append(live());  // no twins
  const auto said = look();
  EXPECT_EQ(said.verdict, Verdict::Inconclusive);
  EXPECT_FALSE(said.may_advance);
}

TEST_F(LogPairs, a_plan_that_asks_nothing_of_pairs_holds_in_a_step_that_mirrors) {
  plan("preset: canary\n");
  look();
  serve(100, 0);
  EXPECT_THAT(look().reason, HasSubstr("the plan's agreement asks nothing of the answers"));
}

TEST_F(LogPairs, records_of_other_splits_models_and_versions_are_no_pairs) {
  look();
  auto record = live();
  for (int i = 0; i < 500; ++i) {
    record = live();
    auto twin = twin_of_live(record, 1);
    switch (i % 4) {
      case 0:
        record.draw.revision = twin.draw.revision = kServed - 1;
        break;
      case 1:
        record.model = twin.model = model::hash_of("churn");
        break;
      case 2:
        twin.version = 3;
        break;
      case 3:
        twin.pair = static_cast<std::uint16_t>(twin.pair + 1'000);
        break;
    }
    append(record);
    append(twin);
  }
  EXPECT_EQ(look().verdict, Verdict::Inconclusive);
}

TEST_F(LogPairs, ids_that_clients_use_again_do_not_mix_pairs) {
  look();
  for (int i = 0; i < 500; ++i) {
    auto first = live(), second = live();
    first.request = second.request = model::RequestKey::of("always the same");
    append(first);
    append(second);
    append(twin_of_live(second, 0));
    append(twin_of_live(first, 0));
  }
  EXPECT_EQ(look().verdict, Verdict::Pass);
}

TEST_F(LogPairs, labels_that_come_later_say_who_of_a_pair_was_right) {
  plan("preset: canary\nagreement:\n  metrics:\n  - {name: accuracy, source: accuracy, margin_difference: 0.2}\n");
  look();
  std::vector<ports::PredictionRecord> served;
  for (int i = 0; i < 400; ++i) {
    auto& record = served.emplace_back(live());
    record.values[0] = static_cast<float>(i % 2);
    append(record);
    auto twin = twin_of_live(record, 0);
    if (i % 10 == 0) twin.values[0] = 5;  // the candidate is wrong there
    if (i % 40 != 1) append(twin);
  }
  EXPECT_EQ(look().verdict, Verdict::Inconclusive);
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < served.size(); ++i) {
    const ports::PredictionRecord& of = served[i];
    ports::OutcomeRecord label{.key = ++key,
                               .request = of.request,
                               .model = of.model,
                               .version = of.version,
                               .draw = of.draw,
                               .value = static_cast<double>(i % 2),
                               .at = traffic.at};
    static_cast<void>(log.append(std::span(&label, 1)));
    if (i % 3 != 0) continue;
    label.key = ++key;  // somebody tells it twice
    static_cast<void>(log.append(std::span(&label, 1)));
  }
  look();
  const auto plan = plan_yaml::read_evidence_plan(rollout.plan, "plan").value();
  const auto finding = judge_again(read_inputs(inputs).value(), plan)->front().judgement.findings.front();
  EXPECT_EQ(finding.candidate.units, 390U) << "each pair once, and what has no twin not at all";
  EXPECT_NEAR(*finding.effect, -40.0 / 390, 1e-9);
}

TEST_F(LogPairs, a_restart_goes_on_with_what_waits_and_counts_nothing_twice) {
  look();
  serve(500, 0);
  const auto before = look();
  const auto before_restart = rollout.evidence;
  restart();
  EXPECT_EQ(look().reason, before.reason);
  EXPECT_EQ(rollout.evidence, before_restart);
  serve(500, 0);
  EXPECT_EQ(look().verdict, Verdict::Pass);
}

TEST_F(LogPairs, a_decision_is_judged_again_to_the_same) {
  look();
  serve(300, 0);
  for (const float shift : {0.0F, 0.001F}) {
    serve(20, shift);
    const auto said = look();
    const auto plan = plan_yaml::read_evidence_plan(rollout.plan, "plan").value();
    const auto again = judge_again(read_inputs(inputs).value(), plan).value();
    EXPECT_EQ(again.front().said.verdict, said.verdict);
    EXPECT_EQ(again.front().said.reason, said.reason);
  }
}

}  // namespace
}  // namespace slipway::log_evidence
