// What is read from the log: each record once, whatever happens, and what is made of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/log_evidence/log_fixture.h"
#include "adapter/log_evidence/packed_words.h"

namespace slipway::log_evidence {
namespace {

using model::Verdict;
using testing::HasSubstr;

using LogEvidenceTest = LogFixture;

TEST_F(LogEvidenceTest, counts_the_records_of_the_rollouts_own_splits) {
  serve(100);  // before it began
  begin();
  auto record = traffic.next(split, kServed - 1);
  append(record);  // of the split before
  record.draw.revision = 0;
  append(record);  // some version was not there
  record.draw.revision = kServed;
  for (const auto by : {model::AssignedBy::Name, model::AssignedBy::Override, model::AssignedBy::Outside,
                        model::AssignedBy::Synthetic}) {
    record.draw.by = by;
    append(record);
  }
  record.draw.by = model::AssignedBy::Chance;
  auto other = record;
  other.traffic = ports::Traffic::Shadow;
  append(other);
  other = record;
  other.model = model::hash_of("churn");
  append(other);
  other = record;
  other.version = 7;
  append(other);
  look();
  EXPECT_EQ(answers_and_events(), "0+0");
  append(record);
  look();
  EXPECT_TRUE(answers_and_events() == "1+0" || answers_and_events() == "0+1");
  EXPECT_THAT(inputs, HasSubstr("\"of_other_splits\": 2, \"not_drawn\": 4"));
}

TEST_F(LogEvidenceTest, rolls_back_a_version_with_more_errors_and_says_why) {
  begin();
  traffic.candidate.error_rate = 0.05;
  rollout::Evidence said;
  for (int i = 0; i < 100 && said.verdict != Verdict::Fail; ++i) {
    serve(100);
    said = look();
  }
  EXPECT_EQ(said.verdict, Verdict::Fail);
  EXPECT_THAT(said.reason, HasSubstr("error_rate is worse: e-value of harm"));
  EXPECT_THAT(said.reason, HasSubstr("risk ratio"));
  EXPECT_LT(traffic.count, 8'000U);
}

TEST_F(LogEvidenceTest, lets_an_equal_version_pass) {
  begin();
  rollout::Evidence said;
  for (int i = 0; i < 400 && said.verdict == Verdict::Inconclusive; ++i) {
    serve(200);
    said = look();
  }
  EXPECT_EQ(said.verdict, Verdict::Pass) << said.reason;
  EXPECT_TRUE(said.may_advance);
}

TEST_F(LogEvidenceTest, after_a_restart_it_goes_on_to_the_bit_and_counts_nothing_twice) {
  begin();
  serve(700);
  look();
  const std::string middle = kept;
  serve(9'000);
  look();
  const std::string whole_inputs = inputs, whole = kept;
  rollout.evidence = middle;
  restart();
  look();
  EXPECT_EQ(inputs, whole_inputs);
  EXPECT_EQ(kept, whole);
  rollout.evidence = whole;
  restart();
  look();
  EXPECT_EQ(inputs, whole_inputs) << "nothing came, so nothing is counted";
}

TEST_F(LogEvidenceTest, what_is_too_large_to_be_kept_is_read_again_from_the_log) {
  plan("unit: key\nmetrics: [{name: e, source: errors, margin_ratio: 2}]\n");
  begin();
  for (std::uint64_t unit = 1; unit <= 20'000; ++unit) {
    auto record = traffic.next(split, kServed);
    record.draw.by = model::AssignedBy::Unit;
    record.draw.unit = unit;
    append(record);
  }
  look();
  const std::string whole = inputs;
  EXPECT_LT(kept.size(), 400U);
  rollout.evidence = kept;
  restart();
  look();
  EXPECT_EQ(inputs, whole);
  EXPECT_LT(inputs.size(), 8'000U) << "a decision needs no table of units";
}

TEST_F(LogEvidenceTest, a_state_that_another_program_kept_is_read_again_from_the_log) {
  begin();
  serve(500);
  look();
  const std::string whole = inputs;
  rollout.evidence = kept;
  const std::string other = "preset: canary\nmetrics: [{name: x, source: latency}, {name: y, source: errors}]\n";
  restart();
  // The same text of the plan, of which a newer program keeps other numbers.
  evidence = std::make_unique<LogEvidence>(LogEvidence::Parts{
      .predictions = log,
      .environment = "production",
      .log = [] { return Result<std::string>("here"); },
      .read_plan = [other](std::string_view) { return plan_yaml::read_evidence_plan(other, "plan"); }});
  look();
  EXPECT_THAT(inputs, HasSubstr("\"metric\": \"x\""));
  EXPECT_THAT(inputs, HasSubstr(whole.substr(whole.find("\"arms\""), 60)));
}

TEST_F(LogEvidenceTest, a_state_of_another_format_is_begun_anew_and_one_of_a_later_program_holds) {
  begin();
  serve(500);
  look();
  const std::string whole = inputs, ours = kept;
  const auto of_format = [&](std::byte format) {
    auto words = unpacked(ours, 1U << 20U).value();
    words.at(sizeof(std::uint64_t)) = format;  // behind the size of the first section
    return packed(words);
  };
  rollout.evidence = of_format(std::byte{1});
  restart();
  look();
  EXPECT_EQ(inputs, whole);
  rollout.evidence = of_format(std::byte{3});
  restart();
  EXPECT_THAT(look().reason, HasSubstr("what another version of Slipway gathered cannot be read"));
  EXPECT_FALSE(all.front().may_advance);
  rollout.evidence = ours;
  restart();
  look();
  EXPECT_EQ(inputs, whole);
}

TEST_F(LogEvidenceTest, evidence_of_another_log_or_plan_is_not_gone_on_with) {
  begin();
  serve(100);
  look();
  rollout.evidence = kept;
  restart("elsewhere");
  EXPECT_THAT(look().reason, HasSubstr("Conflict: the evidence so far is of another server's prediction log"));
  restart();
  plan("preset: rolling\n");
  EXPECT_THAT(look().reason, HasSubstr("Conflict: kept evidence: expected that of this plan"));
  rollout.evidence = "nonsense";
  EXPECT_THAT(look().reason, HasSubstr("Corrupt: kept evidence"));
  rollout.evidence.clear();
  rollout.state.environment = "staging";
  EXPECT_THAT(look().reason, HasSubstr("Unavailable: this server records the predictions of production"));
}

TEST_F(LogEvidenceTest, of_two_servers_that_began_at_once_the_one_whose_evidence_is_kept_goes_on) {
  begin();
  std::unique_ptr<LogEvidence> other = std::move(evidence);
  restart("elsewhere");
  begin();
  serve(100);
  EXPECT_THAT(look().reason, Not(HasSubstr("Conflict"))) << "nothing is kept yet";
  std::swap(evidence, other);
  look();
  rollout.evidence = kept;
  const std::string whole = inputs;
  std::swap(evidence, other);
  EXPECT_THAT(look().reason, HasSubstr("Conflict: the evidence so far is of another server's prediction log"));
  rollout.state.dwelt = std::chrono::seconds(10);
  EXPECT_THAT(look().reason, HasSubstr("Conflict: ")) << "nor does it go on later";
  std::swap(evidence, other);
  look();
  EXPECT_EQ(inputs, whole) << "nothing was lost, and nothing counted twice";
}

TEST_F(LogEvidenceTest, a_request_in_parts_is_one) {
  begin();
  auto record = traffic.next(split, kServed);
  record.draw.unit = 77;
  record.status = 1 + static_cast<std::uint8_t>(ErrorCode::Internal);
  for (int i = 0; i < 30; ++i) append(record);
  EXPECT_EQ(look().verdict, Verdict::Inconclusive) << "no fuse blows by one request";
  EXPECT_TRUE(answers_and_events() == "1+0" || answers_and_events() == "0+1");
  rollout.evidence = kept;
  restart();
  append(record);
  look();
  EXPECT_THAT(inputs, HasSubstr("\"again\": 30"));
}

TEST_F(LogEvidenceTest, a_unit_key_counts_once_though_the_plan_counts_requests) {
  begin();
  auto record = traffic.next({{2, model::kWhole}}, kServed);
  record.draw = {.unit = 5, .revision = kServed, .probability = 0.2, .by = model::AssignedBy::Unit};
  for (int i = 0; i < 30; ++i) append(record);
  look();
  EXPECT_EQ(answers_and_events(), "0+1");
}

TEST_F(LogEvidenceTest, labels_are_compared_with_the_predictions_they_are_of) {
  plan("metrics: [{name: accuracy, source: outcome, measure: right, feedback: label, direction: smaller_is_worse}]\n");
  begin();
  for (int i = 0; i < 40; ++i) {
    const auto record = traffic.next(split, kServed);
    append(record);
    append(outcome_of(record, ports::OutcomeRecord::Kind::Label, i < 10 ? 5 : std::round(record.values[0])));
    append(outcome_of(record, ports::OutcomeRecord::Kind::Cost, 3));
  }
  log.find_fails = true;
  EXPECT_EQ(look().reason, "Unavailable: no index");
  log.find_fails = false;
  look();
  const auto plan = plan_yaml::read_evidence_plan(rollout.plan, "plan").value();
  const auto finding = judge_again(read_inputs(inputs).value(), plan)->front().judgement.findings.front();
  EXPECT_EQ(finding.control.units + finding.candidate.units, 40U);
  EXPECT_NEAR(*finding.control.mean * static_cast<double>(finding.control.units) +
                  *finding.candidate.mean * static_cast<double>(finding.candidate.units),
              30, 1e-9);
  EXPECT_THAT(inputs, HasSubstr("\"outcomes\": {\"label\": "));
}

TEST_F(LogEvidenceTest, rewards_are_weighed_by_the_probability_of_their_assignment) {
  rollout.state.candidates = {2, 3};
  split = rollout.state.wanted.shares = {{1, {5'000}}, {2, {2'500}}, {3, {2'500}}};
  begin();
  for (int i = 0; i < 4'000; ++i) {
    const auto record = traffic.next(split, kServed);
    append(record);
    const double rate = record.version == 3 ? 0.6 : 0.3;
    const auto reward = outcome_of(record, ports::OutcomeRecord::Kind::Reward, traffic.unit() < rate ? 1 : 0);
    append(reward);
    if (i % 7 == 0) append(reward);
  }
  look();
  ASSERT_EQ(rewards.size(), 3U);
  EXPECT_NEAR(rewards[0].mean, 0.3, 0.04);
  EXPECT_NEAR(rewards[2].mean, 0.6, 0.06);
  EXPECT_NEAR(rewards[1].variance, 0.21, 0.03);
  EXPECT_NEAR(rewards[0].rewards, 2'000, 150) << "once for each request";
  EXPECT_THAT(inputs, HasSubstr("\"alone\": {\"by_inverse_propensity\": 0."));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(read_inputs(inputs)->candidates.size(), 2U);
}

TEST_F(LogEvidenceTest, the_candidate_of_several_that_is_worse_is_found_and_the_others_are_not) {
  rollout.state.candidates = {2, 3};
  split = rollout.state.wanted.shares = {{1, {5'000}}, {2, {2'500}}, {3, {2'500}}};
  begin();
  std::vector<ports::PredictionRecord> records;
  for (int i = 0; i < 6'000; ++i) {
    records.push_back(traffic.next(split, kServed));
    if (records.back().version == 3 && traffic.unit() < 0.1) {
      records.back().status = 1 + static_cast<std::uint8_t>(ErrorCode::Internal);
    }
  }
  static_cast<void>(log.append(records));
  look();
  EXPECT_EQ(all[0].verdict, Verdict::Inconclusive);
  EXPECT_EQ(all[1].verdict, Verdict::Fail);
}

// Errors of one country alone, in a twentieth of the traffic: too few among all, and many there.

TEST_F(LogEvidenceTest, harm_in_one_slice_is_found_and_named) {
  plan(
      "slices: [country=DE, country=FR, device=phone]\nmetrics: [{name: e, source: errors, margin_ratio: 4}]\n"
      "fuse: off\n");
  split = rollout.state.wanted.shares = {{1, {5'000}}, {2, {5'000}}};
  begin();
  rollout::Evidence said;
  for (int i = 0; i < 100 && said.verdict != Verdict::Fail; ++i) {
    std::vector<ports::PredictionRecord> records;
    for (int n = 0; n < 500; ++n) {
      auto& record = records.emplace_back(traffic.next(split, kServed));
      const bool is_french = n % 20 == 0;
      // Places: of country 0, DE, FR to the base of 3, and 3 for phones.
      record.draw.slices = static_cast<std::uint16_t>((is_french ? 2 : n % 3 == 0 ? 1 : 0) + (n % 2 == 0 ? 3 : 0));
      if (!is_french || record.version == 1) continue;
      record.status = traffic.unit() < 0.3 ? 1 + static_cast<std::uint8_t>(ErrorCode::Internal) : 0;
    }
    static_cast<void>(log.append(records));
    said = look();
  }
  EXPECT_EQ(said.verdict, Verdict::Fail);
  EXPECT_THAT(said.reason, HasSubstr("worst in e in slice country=FR"));
  EXPECT_THAT(said.reason, Not(HasSubstr("country=DE")));
  EXPECT_THAT(inputs, HasSubstr("{\"metric\": \"e\", \"slice\": \"country=FR\""));
  const auto plan = plan_yaml::read_evidence_plan(rollout.plan, "plan").value();
  const auto again = judge_again(read_inputs(inputs).value(), plan).value();
  EXPECT_EQ(again.front().said.reason, said.reason);
}

}  // namespace
}  // namespace slipway::log_evidence
