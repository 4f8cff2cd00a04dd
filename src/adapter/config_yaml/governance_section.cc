#include "adapter/config_yaml/governance_section.h"

#include <algorithm>
#include <array>

#include "adapter/config_yaml/server_text.h"
#include "adapter/yaml/field.h"

namespace slipway::config_yaml {
namespace {

using governance::Policy;

constexpr std::size_t kMostPolicies = 256;
constexpr std::size_t kMostAliases = 16;
constexpr std::int64_t kMostApprovals = 10;
constexpr std::size_t kMostKeys = 64;
constexpr std::array<std::string_view, 2> kSectionKeys = {"policies", "keys"};
constexpr std::array<std::string_view, 8> kPolicyKeys = {"models",    "environment", "approvals",  "evidence",
                                                         "valid_for", "aliases",     "signatures", "signers"};
constexpr std::array<std::string_view, 3> kTrustedKeys = {"name", "key", "revoked"};

// What another parser says of a field's text, with the field's place.
template <class T>
Result<T> placed(const yaml::Field& field, Result<T> parsed) {
  if (parsed.ok()) return parsed;
  return field.wrong(parsed.error().message);
}

Result<model::Alias> alias_in(const yaml::Field& field) {
  return placed(field, model::Alias::parse(TRY(field.text())));
}

Result<std::vector<model::Alias>> aliases_of(const yaml::Field& policy, const std::string& environment) {
  std::vector<model::Alias> aliases;
  const auto said = policy.find("aliases");
  if (!said) {
    aliases.push_back(TRY(placed(policy, model::Alias::parse(environment))));
    return aliases;
  }
  for (const yaml::Field& item : TRY(said->items(kMostAliases))) aliases.push_back(TRY(alias_in(item)));
  return aliases;
}

Result<bool> needs_evidence(const yaml::Field& policy) {
  const auto said = policy.find("evidence");
  if (!said) return false;
  const std::string text = TRY(said->text());
  if (text != "optional" && text != "required") return said->expected("optional or required");
  return text == "required";
}

Result<std::optional<Duration>> age_of(const yaml::Field& policy) {
  const auto said = policy.find("valid_for");
  if (!said) return std::optional<Duration>();
  const Duration age = TRY(placed(*said, parse_duration(TRY(said->text()))));
  if (age <= Duration::zero()) return said->expected("a time of more than nothing, such as 30d");
  return std::optional(age);
}

Result<governance::Signing> signing_of(const yaml::Field& policy) {
  const auto said = policy.find("signatures");
  if (!said) return governance::Signing::Ignore;
  const auto text = said->text();
  if (!text.ok()) return text.error();
  if (*text == "ignore") return governance::Signing::Ignore;
  if (*text == "warn") return governance::Signing::Warn;
  if (*text == "require") return governance::Signing::Require;
  if (*text == "enforce") return governance::Signing::Enforce;
  return said->expected("ignore, warn, require or enforce");
}

Result<std::string> name_in(const yaml::Field& field) {
  std::string text = TRY(field.text());
  if (!text.empty() && text.size() <= 64) return text;
  return field.expected("the name of a key, 1 to 64 bytes");
}

// Keys are said before policies name them.
Result<std::vector<std::string>> signers_of(const yaml::Field& policy, std::span<const governance::TrustedKey> keys) {
  std::vector<std::string> signers;
  const auto said = policy.find("signers");
  if (!said) return signers;
  for (const yaml::Field& item : TRY(said->items(kMostKeys))) {
    std::string name = TRY(name_in(item));
    if (std::ranges::find(keys, name, &governance::TrustedKey::name) == keys.end()) {
      return item.expected("the name of one of the governance: keys");
    }
    signers.push_back(std::move(name));
  }
  return signers;
}

Result<governance::TrustedKey> key_in(const yaml::Field& field) {
  if (!field.is(yaml::Kind::Mapping)) return field.expected("a key: a mapping with name and key");
  TRY(field.check_keys(kTrustedKeys));
  const auto name = field.find("name");
  const auto key = field.find("key");
  const auto revoked = field.find("revoked");
  if (!name) return field.expected("the key name: what it is called in policies and findings");
  if (!key) return field.expected("the key key: a public key, as PEM or hexadecimal digits");
  std::string called = TRY(name_in(*name));
  VerifyingKey parsed = TRY(placed(*key, VerifyingKey::parse(TRY(key->text()))));
  governance::TrustedKey made{std::move(called), std::move(parsed)};
  if (revoked) made.revoked = TRY(revoked->boolean());
  return made;
}

Result<std::vector<governance::TrustedKey>> keys_in(const yaml::Field& section) {
  std::vector<governance::TrustedKey> keys;
  const auto said = section.find("keys");
  if (!said) return keys;
  for (const yaml::Field& item : TRY(said->items(kMostKeys))) {
    governance::TrustedKey key = TRY(key_in(item));
    for (const governance::TrustedKey& other : keys) {
      if (other.name == key.name) return item.expected("a name that no other key has");
      // The one that is not revoked would be believed.
      if (other.key == key.key) return item.wrong("expected each key once, found that of \"" + other.name + "\" again");
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<Policy> policy_in(const yaml::Field& field, std::span<const governance::TrustedKey> keys) {
  if (!field.is(yaml::Kind::Mapping)) return field.expected("a policy: a mapping with models, environment, approvals");
  TRY(field.check_keys(kPolicyKeys));
  const auto models = field.find("models");
  if (!models) return field.expected("the key models: the models it is for, such as fraud or team-a-*");
  const auto environment = field.find("environment");
  const auto approvals = field.find("approvals");
  Policy policy{.models = TRY(placed(*models, access::NamePattern::parse(TRY(models->text())))),
                .environment = "production",
                .aliases = {}};
  if (environment) policy.environment = TRY(placed(*environment, model::parse_environment(TRY(environment->text()))));
  if (approvals) policy.approvals = static_cast<std::uint32_t>(TRY(approvals->integer(0, kMostApprovals)));
  policy.needs_evidence = TRY(needs_evidence(field));
  policy.valid_for = TRY(age_of(field));
  policy.aliases = TRY(aliases_of(field, policy.environment));
  policy.signatures = TRY(signing_of(field));
  policy.signers = TRY(signers_of(field, keys));
  return policy;
}

}  // namespace

Result<governance::Rules> parse_governance(std::string_view text, std::string_view name) {
  const yaml::Document document = TRY(parse_server_yaml(text, name));
  governance::Rules rules;
  const yaml::Field root(document, document.root, "");
  const auto section = root.find(kGovernanceSection);
  if (!section) return rules;
  if (!section->is(yaml::Kind::Mapping)) return section->expected("a mapping with policies");
  TRY(section->check_keys(kSectionKeys));
  const auto policies = section->find("policies");
  if (!policies) return section->expected("the key policies: a list of policies");
  rules.keys = TRY(keys_in(*section));
  for (const yaml::Field& item : TRY(policies->items(kMostPolicies))) {
    rules.policies.push_back(TRY(policy_in(item, rules.keys)));
  }
  return rules;
}

Result<governance::Rules> read_governance(const std::string& path) {
  return parse_governance(TRY(read_server_text(path)), path);
}

}  // namespace slipway::config_yaml
