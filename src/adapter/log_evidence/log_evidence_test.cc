// What is read from the log: each record once, whatever happens; and when nothing may go on.
#include "adapter/log_evidence/log_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/log_evidence/decision_inputs.h"
#include "adapter/log_evidence/test_traffic.h"

namespace slipway::log_evidence {
namespace {

using model::Verdict;
using testing::HasSubstr;

constexpr std::uint64_t kServed = 8;  // the revision of the rollout's first split

class LogEvidenceTest : public ::testing::Test {
 protected:
  LogEvidenceTest() {
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

TEST_F(LogEvidenceTest, a_log_that_cannot_be_read_is_told_and_read_on_later) {
  begin();
  serve(300);
  log.failure = "the disk is gone";
  EXPECT_EQ(look().reason, "Unavailable: the disk is gone");
  log.failure.clear();
  look();
  serve(300);
  look();
  const std::string later = inputs;
  EXPECT_THAT(later, HasSubstr("\"gaps\": 0"));
  std::uint64_t answers = 0;
  for (const char* arm : {"\"version\": 1, \"answers\": ", "\"version\": 2, \"answers\": "}) {
    answers += std::stoul(later.substr(later.find(arm) + std::string(arm).size()));
  }
  EXPECT_EQ(answers, 600U);
}

TEST_F(LogEvidenceTest, a_gap_in_the_log_holds_and_does_not_keep_harm_from_being_seen) {
  begin();
  FailingLog small(500);
  Traffic more(small, 2);
  evidence = std::make_unique<LogEvidence>(LogEvidence::Parts{
      .predictions = small,
      .environment = "production",
      .log = [] { return Result<std::string>("here"); },
      .read_plan = [](std::string_view yaml) { return plan_yaml::read_evidence_plan(yaml, "plan"); }});
  more.serve(10, split, kServed);
  look();
  more.serve(10, split, kServed);
  look();
  more.serve(2'000, split, kServed);
  EXPECT_THAT(look().reason, HasSubstr("the prediction log has a gap"));
  for (int i = 0; i < 200; ++i) {
    more.serve(400, split, kServed);
    ASSERT_EQ(look().verdict, Verdict::Inconclusive);
    ASSERT_FALSE(all.front().may_advance);
  }
  more.candidate.error_rate = 1;
  more.serve(400, split, kServed);
  EXPECT_EQ(look().verdict, Verdict::Fail);
}

TEST_F(LogEvidenceTest, predictions_without_a_record_hold_above_one_in_a_hundred) {
  const std::uint64_t fraud = model::hash_of("fraud");
  dropped = {{fraud, 1, 500, 400}};
  begin();
  serve(1'000);
  dropped = {{fraud, 1, 504, 403}, {model::hash_of("churn"), 1, 999, 999}};
  EXPECT_THAT(look().reason, Not(HasSubstr("left no record"))) << "what was before does not count";
  dropped = {{fraud, 1, 3, 2}, {fraud, 2, 5, 1}};
  EXPECT_EQ(look().reason, "12 predictions left no record (1.2 % of all, at most 1.0 % expected)");
  dropped.push_back({0, 0, 100, 0});
  EXPECT_THAT(look().reason, HasSubstr("112 predictions left no record"));
  rollout.evidence = kept;
  dropped.clear();
  restart();
  EXPECT_THAT(look().reason, HasSubstr("112 predictions left no record"));
}

TEST_F(LogEvidenceTest, a_rollout_that_nobody_asked_for_in_a_while_counts_no_drop_twice) {
  const std::uint64_t fraud = model::hash_of("fraud");
  dropped = {{fraud, 1, 500, 400}};
  begin();
  serve(1'000);
  dropped = {{fraud, 1, 503, 403}};
  look();
  rollout.evidence = kept;
  ports::RolloutRecord other = rollout;
  other.number = 2;
  other.evidence.clear();
  traffic.at += std::chrono::hours(1);
  ASSERT_TRUE(evidence->gather(other, traffic.at).ok());  // meanwhile the first is forgotten
  dropped = {{fraud, 1, 505, 405}};
  look();
  EXPECT_THAT(inputs, HasSubstr("\"without_record\": 5,"));
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

TEST_F(LogEvidenceTest, a_long_log_is_read_in_parts_and_nothing_goes_on_meanwhile) {
  begin();
  serve(static_cast<int>(kPage * kMostPages) + 1);
  EXPECT_EQ(look().reason, "the prediction log is still being read");
  EXPECT_THAT(look().reason, Not(HasSubstr("still being read")));
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

TEST_F(LogEvidenceTest, labels_that_come_more_often_for_one_arm_hold) {
  begin();
  for (int i = 0; i < 4'000; ++i) {
    const auto record = traffic.next(split, kServed);
    append(record);
    if (record.version == 1 && traffic.unit() < 0.5) continue;
    append(outcome_of(record, ports::OutcomeRecord::Kind::Label, 1));
  }
  EXPECT_THAT(look().reason, HasSubstr("units do not go to the arms as logged (at the label"));
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
  const auto plan = plan_yaml::read_evidence_plan(rollout.plan, "plan").value();
  const auto again = judge_again(read_inputs(inputs).value(), plan).value();
  EXPECT_EQ(again.front().said.reason, said.reason);
}

TEST_F(LogEvidenceTest, plans_that_it_cannot_gather_for_are_refused) {
  EXPECT_TRUE(evidence->check("preset: canary\n").ok());
  EXPECT_THAT(evidence->check("slices: [Germany]\n").error().message,
              HasSubstr("plan: slices: expected COLUMN=VALUE, such as country=DE, found \"Germany\""));
  EXPECT_EQ(evidence->check("metrics: [{name: x}]\n").error().code, ErrorCode::InvalidInput);
}

}  // namespace
}  // namespace slipway::log_evidence
