#include "adapter/plan_yaml/rollout_plan.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace slipway::plan_yaml {
namespace {

using nlohmann::json;
using rollout::Canary;
using namespace std::chrono_literals;

Result<rollout::Plan> plan(std::string_view yaml) {
  return RolloutPlanYaml().read(yaml, "rollout.yaml");
}
std::string refused(std::string_view yaml) {
  const auto found = plan(yaml);
  return found.ok() ? "" : found.error().message;
}

TEST(RolloutPlanYaml, a_preset_is_its_strategy_with_its_defaults) {
  for (const std::string_view name : rollout::strategy_names()) {
    const auto found = plan("preset: " + std::string(name) + "\n");
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->stages[0].strategy, *rollout::preset(name));
  }
}

TEST(RolloutPlanYaml, a_chain_is_read_with_its_approvals_and_windows) {
  const auto found = plan(
      "stages:\n"
      "  - shadow: {mirrored: 50%, dwell: 30m}\n"
      "  - canary: {weights: [0.5%, 5 %, 25%], dwell: 1m, limit: 1h, holdback: 0%}\n"
      "  - blue_green: {keep: 2h}\n"
      "    approval: true\n"
      "automation:\n"
      "  roll_back: false\n"
      "  windows: [{days: [monday, friday], from: \"09:00\", to: \"17:30\"}]\n"
      "approval_to_complete: true\n"
      "metrics: []\n");
  ASSERT_TRUE(found.ok()) << found.error().message;
  const auto& canary = std::get<Canary>(found->stages[1].strategy);
  EXPECT_EQ(canary.weights, (std::vector<model::BasisPoints>{{50}, {500}, {2'500}}));
  EXPECT_EQ(canary.limit, Duration(1h));
  EXPECT_TRUE(found->stages[2].approval && !found->stages[1].approval);
  EXPECT_TRUE(found->automation.promote && !found->automation.roll_back && found->approval_to_complete);
  const std::uint32_t friday = 4 * 24 * 60;
  EXPECT_EQ(found->automation.windows, (std::vector<rollout::Window>{{540, 1'050}, {friday + 540, friday + 1'050}}));
}

TEST(RolloutPlanYaml, says_where_a_plan_is_wrong_and_what_was_expected) {
  const struct {
    std::string_view yaml;
    std::string_view message;
  } rows[] = {
      {"presett: canary\n", "rollout.yaml:1:1: unknown key \"presett\"; did you mean \"preset\"?"},
      {"preset: cannary\n",
       "rollout.yaml:1:9: preset: expected one of shadow, canary, blue_green, rolling, champion_challenger, ab_test, "
       "bandit, found \"cannary\""},
      {"automation: {promote: true}\n", "rollout.yaml:1:1: expected either a preset or stages, found a mapping"},
      {"stages:\n  - canary: {dwel: 1m}\n",
       "rollout.yaml:2:14: stages[0].canary: unknown key \"dwel\"; did you mean \"dwell\"?"},
      {"stages:\n  - canary: {weights: [10%, 5%]}\n",
       "rollout.yaml:2:13: stages[0].canary: weight 2: expected more than the 10 % before it, found 5 %; a rollout "
       "goes "
       "forwards"},
      {"stages:\n  - canary: {weights: [10]}\n",
       "rollout.yaml:2:24: stages[0].canary.weights[0]: expected a share from 0% to 100% such as 5% or 0.25%, found "
       "\"10\""},
      {"stages:\n  - canary: {weights: [101%]}\n",
       "rollout.yaml:2:24: stages[0].canary.weights[0]: expected a share from 0% to 100% such as 5% or 0.25%, found "
       "\"101%\""},
      {"stages:\n  - canary: \n    rolling: \n",
       "rollout.yaml:2:5: stages[0]: expected one strategy for each stage, found a mapping"},
      {"stages: [{canary: {weights: [50%]}}, {rolling: {parts: 4}}]\n",
       "rollout.yaml: stage 2 (rolling): goes back from 50 % to 25 %; a rollout goes forwards"},
      {"preset: canary\nautomation: {windows: [{from: \"9:00\"}]}\n",
       "rollout.yaml:2:31: automation.windows[0].from: expected a time of day in UTC such as \"09:30\", found "
       "\"9:00\""},
      {"preset: canary\nautomation: {windows: [{from: \"18:00\", to: \"06:00\"}]}\n",
       "rollout.yaml:2:24: automation.windows[0]: expected a window that begins before it ends; one across midnight is "
       "written as two, found a mapping"},
  };
  for (const auto& row : rows) EXPECT_EQ(refused(row.yaml), row.message) << row.yaml;
}

// api/schema/rollout.schema.json says what the reader takes.
const json& schema() {
  static const json parsed = json::parse(std::ifstream(std::string(SLIPWAY_SCHEMAS).append("/rollout.schema.json")));
  return parsed;
}
std::set<std::string> keys_of(const json& described) {
  std::set<std::string> keys;
  for (const auto& [key, value] : described.at("properties").items()) keys.insert(key);
  return keys;
}
std::set<std::string> known_in(const std::string& message) {
  constexpr std::string_view kBefore = "; known: ";
  std::set<std::string> keys;
  std::size_t at = message.find(kBefore);
  if (at == std::string::npos) return {message};
  for (at += kBefore.size(); at < message.size();) {
    const std::size_t comma = std::min(message.find(", ", at), message.size());
    keys.insert(message.substr(at, comma - at));
    at = comma + 2;
  }
  return keys;
}

TEST(RolloutPlanSchema, describes_every_strategy_with_its_keys_and_an_example_that_is_taken) {
  for (const std::string_view strategy : rollout::strategy_names()) {
    const std::string name(strategy);
    const json& described = schema().at("$defs").at(name);
    json example = described.at("examples").at(0);
    std::set<std::string> used;
    for (const auto& [key, value] : example.items()) used.insert(key);
    EXPECT_EQ(used, keys_of(described)) << name;
    EXPECT_EQ(refused(json{{"stages", {{{name, example}}}}}.dump()), "");
    EXPECT_EQ(described.at("additionalProperties"), false);
    example["zzzzzzzzzzzzzzzz"] = 1;
    EXPECT_EQ(known_in(refused(json{{"stages", {{{name, example}}}}}.dump())), keys_of(described)) << name;
  }
}

TEST(RolloutPlanSchema, has_the_readers_keys_of_the_plan_and_its_automation) {
  EXPECT_EQ(known_in(refused("zzzzzzzzzzzzzzzzzzzzzz: 1\n")), keys_of(schema()));
  EXPECT_EQ(known_in(refused("preset: canary\nautomation: {zzzzzzzzzzzzzzzz: 1}\n")),
            keys_of(schema().at("$defs").at("automation")));
  EXPECT_EQ(known_in(refused("preset: canary\nautomation: {windows: [{zzzzzzzzzzzzzzzz: 1}]}\n")),
            keys_of(schema().at("$defs").at("window")));
}

}  // namespace
}  // namespace slipway::plan_yaml
