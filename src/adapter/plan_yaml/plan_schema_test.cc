// api/schema/gate-plan.schema.json says what PlanYaml takes: the same gates, the same keys, examples that use all.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "adapter/plan_yaml/gate_policies.h"
#include "adapter/plan_yaml/plan_yaml.h"
#include "domain/gate/hold_out.h"

namespace slipway::plan_yaml {
namespace {

using nlohmann::json;

const json& schema() {
  static const json parsed = json::parse(std::ifstream(std::string(SLIPWAY_SCHEMAS).append("/gate-plan.schema.json")));
  return parsed;
}
const json& definition(const std::string& name) {
  return schema().at("$defs").at(name);
}
// A policy's schema: that of the gate, or of an item of its list.
std::set<std::string> keys_of(const json& described) {
  std::set<std::string> keys;
  for (const auto& [key, value] : described.at("properties").items()) keys.insert(key);
  return keys;
}
// JSON is YAML.
std::string refusal(const json& plan) {
  const auto read = PlanYaml().read(plan.dump(), "plan", "any");
  return read.ok() ? "" : read.error().message;
}
json with_gate(const std::string& gate, json policy) {
  return {{"gates", {{gate, std::move(policy)}}}};
}

TEST(PlanSchema, lists_the_gates_there_are) {
  std::set<std::string> real;
  for (const GateKey& gate : gate_keys()) real.emplace(gate.name);
  EXPECT_EQ(keys_of(definition("gates")), real);
}

TEST(PlanSchema, has_an_example_of_every_gate_with_all_its_keys_and_the_reader_takes_it) {
  for (const GateKey& gate : gate_keys()) {
    const std::string name(gate.name);
    const json& described = definition("gate_" + name);
    const json& example = described.at("examples").at(0);
    std::set<std::string> used;
    for (const auto& [key, value] : example.items()) used.insert(key);
    EXPECT_EQ(used, keys_of(described)) << name;
    EXPECT_EQ(refusal(with_gate(name, example)), "");
  }
  EXPECT_EQ(refusal({{"data", definition("data").at("examples").at(0)}, {"gates", {{"load", nullptr}}}}), "");
}

TEST(PlanSchema, requires_what_the_reader_requires) {
  for (const GateKey& gate : gate_keys()) {
    const std::string name(gate.name);
    const json& described = definition("gate_" + name);
    for (const auto& [key, value] : described.at("properties").items()) {
      json without = described.at("examples").at(0);
      without.erase(key);
      const json required = described.value("required", json::array());
      const bool is_required = std::find(required.begin(), required.end(), key) != required.end();
      EXPECT_EQ(!refusal(with_gate(name, without)).empty(), is_required) << name << " without " << key;
    }
  }
}

// The keys that the reader names when it meets one that is like none of them.
std::set<std::string> known_in(const std::string& message) {
  constexpr std::string_view kBefore = "; known: ";
  std::set<std::string> keys;
  std::size_t at = message.find(kBefore);
  if (at == std::string::npos) return {message};
  at += kBefore.size();
  while (at < message.size()) {
    const std::size_t comma = std::min(message.find(", ", at), message.size());
    keys.insert(message.substr(at, comma - at));
    at = comma + 2;
  }
  return keys;
}

TEST(PlanSchema, lists_the_keys_of_every_gate_and_no_others) {
  for (const GateKey& gate : gate_keys()) {
    const std::string name(gate.name);
    const json& described = definition("gate_" + name);
    json more = described.at("examples").at(0);
    more["zzzzzzzzzzzzzzzz"] = 1;
    EXPECT_EQ(known_in(refusal(with_gate(name, more))), keys_of(described)) << name;
    EXPECT_EQ(described.at("additionalProperties"), false) << name;
  }
  EXPECT_EQ(known_in(refusal({{"zzzzzzzzzzzzzzzz", 1}})), keys_of(schema()));
  EXPECT_EQ(known_in(refusal({{"data", {{"zzzzzzzzzzzzzzzz", 1}}}, {"gates", {{"load", nullptr}}}})),
            keys_of(definition("data")));
}

TEST(PlanSchema, bounds_numbers_as_the_reader_does) {
  const struct {
    const char* definition;
    const char* gate;
    const char* key;
  } places[] = {{"rate", "schema", "most_missing"}, {"rows", "golden", "least_cases"}};
  for (const auto& place : places) {
    const json& described = definition(place.definition);
    const auto at = [&](const json& value) { return refusal(with_gate(place.gate, {{place.key, value}})); };
    EXPECT_EQ(at(described.at("minimum")), "");
    EXPECT_EQ(at(described.at("maximum")), "");
    EXPECT_NE(at(described.at("minimum").get<double>() - 1), "");
    EXPECT_NE(at(described.at("maximum").get<double>() + 1), "");
  }
}

TEST(PlanSchema, lists_the_metrics_there_are) {
  for (const json& metric : definition("metric").at("enum")) {
    EXPECT_TRUE(gate::parse_metric(metric.get<std::string>())) << metric;
  }
  EXPECT_EQ(definition("metric").at("enum").size(), 12U);
}

TEST(PlanSchema, describes_policies_and_models_as_they_are_read) {
  EXPECT_EQ(
      refusal({{"policies", {{"a", {{"gates", {{"load", "off"}}}}}, {"b", {{"inherits", "a"}}}}},
               {"default", "b"},
               {"models", {{"any", {{"policy", "a"}, {"data", {{"label", "y"}}}, {"gates", {{"size", nullptr}}}}}}},
               {"seed", 2},
               {"resamples", 500}}),
      "");
}

}  // namespace
}  // namespace slipway::plan_yaml
