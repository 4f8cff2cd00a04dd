#include "service/validation/gate_suite.h"

#include <gmock/gmock.h>

#include "service/validation/gate_fixture.h"

namespace slipway::validation {
namespace {

using gate::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

float same(float x) {
  return x;
}

// 400 rows whose x is the probability of their label.
ports::Table good_rows() {
  std::vector<double> x, label;
  for (int i = 0; i < 400; ++i) {
    x.push_back(i % 2 ? 0.9 : 0.1);
    label.push_back(i % 2);
  }
  return table({numbers("x", x), numbers("label", label)});
}
ports::GatePlan quality_plan() {
  ports::GatePlan plan;
  plan.gates.quality.emplace();
  plan.gates.quality->rules.push_back({.metric = gate::Metric::Accuracy, .threshold = 0.9});
  return plan;
}

class GateSuiteTest : public ::testing::Test {
 protected:
  GateResult run(FunctionProbe::Function function = same) {
    probe = std::make_unique<FunctionProbe>(std::move(function));
    probe->interrupts = interrupts;
    GateInputs inputs{.candidate = {version, manifest, ""}, .live = {}};
    if (with_live) inputs.live.emplace(GateSubject{live_version, manifest, ""});
    if (data) inputs.data = &*data;
    inputs.no_data = no_data;
    return GateSuite(*probe).run(plan, inputs, [](std::string_view) {});
  }

  model::Manifest manifest = scorer();
  model::ModelVersion version = version_of(manifest, 2);
  model::ModelVersion live_version = version_of(manifest, 1);
  ports::GatePlan plan = quality_plan();
  std::optional<ports::Table> data = good_rows();
  std::string no_data;
  bool with_live = false;
  bool interrupts = false;
  std::unique_ptr<FunctionProbe> probe;
};

TEST_F(GateSuiteTest, rows_are_run_and_their_answers_judged) {
  EXPECT_EQ(run().outcome, Outcome::Pass);
  const auto wrong = run([](float x) { return 1 - x; });
  EXPECT_EQ(wrong.outcome, Outcome::Fail);
  EXPECT_EQ(wrong.verdicts.front().verdict.evidence.front().count, 400U);
}

TEST_F(GateSuiteTest, without_data_or_answers_nothing_passes_and_the_reason_is_told) {
  data.reset();
  EXPECT_THAT(run().verdicts.front().verdict.reason, HasSubstr("no evaluation data was given"));
  no_data = "there is no data set";
  EXPECT_THAT(run().verdicts.front().verdict.reason, HasSubstr("there is no data set"));
  EXPECT_EQ(run().outcome, Outcome::Inconclusive);
}

TEST_F(GateSuiteTest, data_with_wrong_columns_gaps_in_the_truth_or_one_class_is_inconclusive) {
  const std::pair<ports::Table, const char*> cases[] = {
      {table({numbers("y", {1, 2}), numbers("label", {0, 1})}), "expected a column \"x\", found none"},
      {table({numbers("x", {1, 2}), numbers("label", {0, kMissing})}), "row 2: expected the truth, found no value"},
      {table({numbers("x", {1, 2}), numbers("label", {1, 1})}), "expected at least two classes"},
  };
  for (const auto& [rows, why] : cases) {
    data = rows;
    const auto found = run();
    EXPECT_EQ(found.outcome, Outcome::Inconclusive);
    EXPECT_THAT(found.verdicts.front().verdict.reason, HasSubstr(why));
  }
}

TEST_F(GateSuiteTest, answers_that_are_no_numbers_fail) {
  const auto found = run([](float) { return std::nanf(""); });
  EXPECT_NE(found.outcome, Outcome::Pass);
  EXPECT_THAT(found.verdicts.front().verdict.reason, HasSubstr("expected probabilities in [0, 1]"));
}

TEST_F(GateSuiteTest, the_live_version_answers_the_same_rows) {
  with_live = true;
  plan.gates.quality->rules = {{.metric = gate::Metric::Accuracy, .live = gate::Against::NotWorse, .margin = 0.05}};
  EXPECT_EQ(run().outcome, Outcome::Pass);
  EXPECT_THAT(probe->asked, ElementsAre(2U, 1U));
}

TEST_F(GateSuiteTest, candidate_and_live_are_timed_in_turn) {
  with_live = true;
  plan.gates.latency.emplace();
  plan.gates.latency->budgets.push_back({.rows = 8, .ratio_to_live = 1.5});
  plan.latency_rows = {8};
  const auto found = run();
  EXPECT_THAT(probe->asked, ElementsAre(2U, 1U, 1U, 2U, 2U, 1U));
  EXPECT_EQ(found.measured.latency->samples[0].candidate.size(), 600U);
  EXPECT_EQ(found.measured.latency->samples[0].live.size(), 600U);
}

TEST_F(GateSuiteTest, every_robustness_test_has_a_process_of_its_own) {
  plan.gates.robustness.emplace();
  for (const char* name : {"a little noise", "much more"}) {
    ports::RobustnessTest test;
    test.name = name;
    test.scale = name[0] == 'a' ? 0.0001 : 100;
    test.bound = 0.1;
    plan.robustness.push_back(test);
  }
  const auto found = run();
  EXPECT_EQ(probe->asked.size(), 3U);
  EXPECT_EQ(found.outcome, Outcome::Fail);
  EXPECT_EQ(found.measured.robustness->tests[0].beyond_bound, 0U);
  EXPECT_GT(found.measured.robustness->tests[1].beyond_bound, 0U);
}

TEST_F(GateSuiteTest, a_probe_that_was_stopped_makes_the_outcome_worth_nothing) {
  EXPECT_FALSE(run().interrupted);
  interrupts = true;
  EXPECT_TRUE(run().interrupted);
}

}  // namespace
}  // namespace slipway::validation
