#include "adapter/config_yaml/governance_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/config_yaml/server_file.h"

namespace slipway::config_yaml {
namespace {

using testing::HasSubstr;

constexpr auto kWhole = R"(listen: 127.0.0.1:8080
governance:
  policies:
    - models: fraud-*
      environment: production
      approvals: 2
      evidence: required
      valid_for: 30d
      aliases: [production, champion]
    - models: "*"
      environment: staging
)";

std::string problem(std::string_view text) {
  const auto read = parse_governance(text, "slipway-server.yaml");
  return read.ok() ? "none" : read.error().message;
}
std::string problem_of_policy(std::string_view line) {
  return problem("governance:\n  policies:\n    - models: fraud\n      " + std::string(line) + "\n");
}

TEST(GovernanceSection, a_policy_is_read_with_everything_it_says) {
  const auto rules = parse_governance(kWhole, "slipway-server.yaml").value();
  ASSERT_EQ(rules.policies.size(), 2U);
  const governance::Policy& first = rules.policies[0];
  EXPECT_EQ(first.models.text(), "fraud-*");
  EXPECT_EQ(first.environment, "production");
  EXPECT_EQ(first.approvals, 2U);
  EXPECT_TRUE(first.needs_evidence);
  EXPECT_EQ(first.valid_for, std::chrono::hours(24 * 30));
  ASSERT_EQ(first.aliases.size(), 2U);
  EXPECT_EQ(first.aliases[1].text(), "champion");
}

TEST(GovernanceSection, what_is_not_said_is_one_approval_in_production_and_the_alias_of_the_environments_name) {
  const auto rules = parse_governance(kWhole, "slipway-server.yaml").value();
  const governance::Policy& second = rules.policies[1];
  EXPECT_EQ(second.approvals, 1U);
  EXPECT_FALSE(second.needs_evidence);
  EXPECT_FALSE(second.valid_for);
  ASSERT_EQ(second.aliases.size(), 1U);
  EXPECT_EQ(second.aliases[0].text(), "staging");
  const auto least = parse_governance("governance: {policies: [{models: a}]}", "f").value();
  EXPECT_EQ(least.policies[0].environment, "production");
}

TEST(GovernanceSection, a_file_without_it_has_no_rules_and_its_other_settings_are_read_as_ever) {
  EXPECT_TRUE(parse_governance("listen: 127.0.0.1:1\n", "f").value().policies.empty());
  EXPECT_TRUE(parse_governance("", "f").value().policies.empty());
  constexpr std::string_view kKnown[] = {"listen"};
  const auto settings = parse_server_file(kWhole, "f", kKnown).value();
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_EQ(settings[0].key, "listen");
}

TEST(GovernanceSection, what_is_wrong_is_told_with_line_and_column) {
  EXPECT_THAT(problem_of_policy("approvals: -1"),
              HasSubstr("slipway-server.yaml:4:18: governance.policies[0].approvals"));
  EXPECT_THAT(problem_of_policy("approvals: 11"), HasSubstr("11"));
  EXPECT_THAT(problem_of_policy("approvls: 2"), HasSubstr("approvals"));
  EXPECT_THAT(problem_of_policy("environment: a b"), HasSubstr("slipway-server.yaml:4:20"));
  EXPECT_THAT(problem_of_policy("evidence: yes"), HasSubstr("expected optional or required, found \"yes\""));
  EXPECT_THAT(problem_of_policy("valid_for: soon"), HasSubstr("slipway-server.yaml:4:18"));
  EXPECT_THAT(problem_of_policy("valid_for: 0s"), HasSubstr("more than nothing"));
  EXPECT_THAT(problem_of_policy("aliases: ['7']"), HasSubstr("aliases[0]"));
  EXPECT_THAT(problem("governance:\n  policies:\n    - models: a/b\n"), HasSubstr("slipway-server.yaml:3:15"));
  EXPECT_THAT(problem("governance:\n  policies:\n    - environment: staging\n"), HasSubstr("expected the key models"));
  EXPECT_THAT(problem("governance: yes\n"), HasSubstr("expected a mapping with policies"));
  EXPECT_THAT(problem("governance: {}\n"), HasSubstr("expected the key policies"));
  EXPECT_THAT(problem("governance: {policys: []}\n"), HasSubstr("policies"));
}

constexpr std::string_view kKey = "5ad4a65b9d9b9d8ad8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8";

std::string with_keys(const std::string& keys, const std::string& policy) {
  return "governance:\n  keys:\n" + keys + "  policies:\n    - models: fraud\n" + policy;
}

TEST(GovernanceSection, keys_and_what_policies_ask_of_signatures_are_read) {
  const std::string keys = "    - name: release\n      key: " + std::string(kKey) +
                           "\n    - {name: old, key: " + Ed25519PrivateKey::generate().public_key().hex() +
                           ", revoked: true}\n";
  const auto rules =
      parse_governance(with_keys(keys, "      signatures: require\n      signers: [release]\n"), "f").value();
  ASSERT_EQ(rules.keys.size(), 2U);
  EXPECT_EQ(rules.keys[0].name, "release");
  EXPECT_FALSE(rules.keys[0].revoked);
  EXPECT_TRUE(rules.keys[1].revoked);
  EXPECT_EQ(rules.policies[0].signatures, governance::Signing::Require);
  EXPECT_EQ(rules.policies[0].signers, std::vector<std::string>{"release"});
}

TEST(GovernanceSection, mistakes_in_keys_are_refused_with_their_place) {
  const std::string one = "    - {name: release, key: " + std::string(kKey) + "}\n";
  for (const auto& [keys, policy, why] : std::vector<std::array<std::string, 3>>{
           {"    - {name: release, key: secret}\n", "", "expected a public key that is Ed25519"},
           {"    - {key: x}\n", "", "the key name"},
           {"    - {name: x}\n", "", "the key key"},
           {one + one, "", "a name that no other key has"},
           {one + "    - {name: again, key: " + std::string(kKey) + ", revoked: true}\n", "",
            "that of \"release\" again"},
           {one, "      signers: [nobody]\n", "the name of one of the governance: keys"},
           {one, "      signatures: maybe\n", "ignore, warn, require or enforce"}}) {
    EXPECT_THAT(problem(with_keys(keys, policy)), HasSubstr(why));
  }
}

}  // namespace
}  // namespace slipway::config_yaml
