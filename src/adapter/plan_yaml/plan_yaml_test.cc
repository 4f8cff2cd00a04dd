#include "adapter/plan_yaml/plan_yaml.h"

#include <gtest/gtest.h>

namespace slipway::plan_yaml {
namespace {

Result<ports::GatePlan> plan(std::string_view yaml, std::string_view model = "fraud") {
  return PlanYaml().read(yaml, "gates.yaml", model);
}
std::string refused(std::string_view yaml) {
  const auto found = plan(yaml);
  return found.ok() ? "it was read" : found.error().message;
}

TEST(PlanYaml, a_plan_of_one_model_is_its_gates_and_its_data) {
  const auto found = plan(
      "data: {task: regression, label: price, output: y}\n"
      "gates:\n"
      "  load: {longest_load: 5s}\n"
      "  golden:\n"
      "  latency: {budgets: [{rows: 8, budget: 2ms}, {rows: 8, quantile: 0.5, ratio_to_live: 1.2}]}\n"
      "  memory: {most: 64MiB}\n"
      "  quality: {rules: [{metric: rmse, threshold: 3, live: not_worse, margin: 0.1}]}\n");
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->data.task, gate::Task::Regression);
  EXPECT_EQ(found->data.label, "price");
  EXPECT_EQ(found->gates.load->longest_load, std::chrono::seconds(5));
  EXPECT_TRUE(found->gates.golden.has_value());
  EXPECT_FALSE(found->gates.size.has_value());
  EXPECT_EQ(found->latency_rows, std::vector<std::uint64_t>{8});
  EXPECT_EQ(found->gates.latency->budgets[1].ratio_to_live, 1.2);
  EXPECT_EQ(found->gates.memory->most, mebibytes(64));
  EXPECT_EQ(found->gates.quality->rules[0].live, gate::Against::NotWorse);
}

constexpr std::string_view kLayers =
    "gates: {load: , golden: , size: {most: 1MiB}}\n"
    "data: {label: y}\n"
    "policies:\n"
    "  careful: {gates: {determinism: }}\n"
    "  money: {inherits: careful, data: {label: z}, gates: {size: {most: 2MiB}}}\n"
    "default: careful\n"
    "models:\n"
    "  fraud: {policy: money, gates: {golden: off}}\n";

TEST(PlanYaml, layers_are_laid_over_each_other_the_most_particular_last) {
  const auto own = plan(kLayers);
  ASSERT_TRUE(own.ok()) << own.error().message;
  EXPECT_TRUE(own->gates.load && own->gates.determinism && !own->gates.golden);
  EXPECT_EQ(own->gates.size->most, mebibytes(2));
  EXPECT_EQ(own->data.label, "z");
  const auto other = plan(kLayers, "other");
  EXPECT_TRUE(other->gates.golden.has_value());
  EXPECT_EQ(other->gates.size->most, mebibytes(1));
  EXPECT_EQ(other->data.label, "y");
}

TEST(PlanYaml, a_models_own_entry_comes_before_the_longest_pattern_it_fits) {
  constexpr std::string_view kPatterns =
      "models:\n"
      "  '*': {data: {label: all}, gates: {load: }}\n"
      "  fraud-*: {data: {label: some}, gates: {load: }}\n"
      "  fraud-eu: {data: {label: one}, gates: {load: }}\n";
  EXPECT_EQ(plan(kPatterns, "fraud-eu")->data.label, "one");
  EXPECT_EQ(plan(kPatterns, "fraud-us")->data.label, "some");
  EXPECT_EQ(plan(kPatterns, "wine")->data.label, "all");
  EXPECT_EQ(refused("models: {'a/*': {gates: {load: }}}\n").substr(0, 14), "gates.yaml:1:1");
}

TEST(PlanYaml, evaluation_data_is_named_by_its_digest) {
  const std::string digest(64, 'a');
  const auto found = plan("data: {dataset: 'sha256:" + digest + "'}\ngates: {load: }\n");
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->data.dataset->hex(), digest);
  EXPECT_NE(refused("data: {dataset: eval.csv}\ngates: {load: }\n").find("gates.yaml:1:17: data.dataset"),
            std::string::npos);
}

TEST(PlanYaml, a_file_without_a_plan_for_the_model_says_so) {
  const auto found = plan("models: {other: {gates: {load: }}}\n");
  EXPECT_EQ(found.error().code, ErrorCode::NotFound);
  EXPECT_NE(found.error().message.find("expected a plan for \"fraud\""), std::string::npos) << found.error().message;
}

TEST(PlanYaml, tests_over_columns_are_read) {
  const auto found = plan(
      "gates:\n"
      "  behaviour:\n"
      "    tests:\n"
      "    - {name: richer, kind: falls, column: income, multiply: 1.1, tolerance: 0.01, where: {city: Bern}}\n"
      "    - {name: plain, kind: minimum_functionality, expect: 'no'}\n"
      "  robustness: {tests: [{kind: noise, scale: 0.1}, {kind: missing, columns: [city], bound: 0.5}]}\n");
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->behaviour[0].direction, ports::Direction::Falls);
  EXPECT_EQ(found->behaviour[0].where.at("city"), "Bern");
  EXPECT_EQ(found->behaviour[0].changes[0].multiply, 1.1);
  EXPECT_EQ(found->behaviour[1].kind, gate::BehaviourKind::MinimumFunctionality);
  EXPECT_EQ(found->robustness[1].kind, gate::Disturbance::MissingValue);
  EXPECT_EQ(found->robustness[1].bound, 0.5);
}

TEST(PlanYaml, what_is_wrong_is_told_with_line_column_and_key) {
  EXPECT_EQ(refused("gates: {lod: }\n").substr(0, 16), "gates.yaml:1:9: ");
  const std::string metric = refused("gates:\n  quality:\n    rules:\n    - {metric: accurcy, threshold: 1}\n");
  EXPECT_EQ(metric.substr(0, 51), "gates.yaml:4:16: gates.quality.rules[0].metric: exp") << metric;
  EXPECT_NE(refused("gates: {latency: {budgets: [{rows: 1}]}}\n").find("expected budget, ratio_to_live or both"),
            std::string::npos);
  EXPECT_NE(refused("gates: {fairness: {by: [sex], parity_ratio: 1.5}}\n").find("expected a number from 0 to 1"),
            std::string::npos);
  EXPECT_NE(refused("gates: {load: on}\n").find("expected the gate's policy, or off"), std::string::npos);
  EXPECT_NE(refused("gates: {load: }\nmodels: {m: {policy: gone}}\n").find("one of the file's policies"),
            std::string::npos);
  EXPECT_NE(refused("default: a\npolicies: {a: {inherits: b}, b: {inherits: a}}\n").find("in a circle"),
            std::string::npos);
  EXPECT_NE(refused("gates: {behaviour: {tests: [{name: a, kind: invariance, column: x}]}}\n")
                .find("expected one of set, add and multiply"),
            std::string::npos);
}

TEST(PlanYaml, what_no_model_uses_is_checked_too) {
  EXPECT_NE(refused("gates: {load: }\npolicies: {never: {gates: {size: {most: much}}}}\n").find("gates.yaml:2:"),
            std::string::npos);
}

}  // namespace
}  // namespace slipway::plan_yaml
