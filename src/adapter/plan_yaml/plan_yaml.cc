#include "adapter/plan_yaml/plan_yaml.h"

#include <algorithm>

#include "adapter/plan_yaml/gate_policies.h"
#include "adapter/plan_yaml/values.h"
#include "base/text.h"
#include "domain/access/name_pattern.h"
#include "domain/gate/plan.h"

namespace slipway::plan_yaml {
namespace {

using yaml::Field;

constexpr std::size_t kMostModels = 10'000;
constexpr std::size_t kDeepestInheritance = 16;
constexpr std::array<std::string_view, 7> kFileKeys = {"policies", "default", "models",   "data",
                                                       "gates",    "seed",    "resamples"};
constexpr std::array<std::string_view, 3> kPolicyKeys = {"inherits", "data", "gates"};
constexpr std::array<std::string_view, 3> kModelKeys = {"policy", "data", "gates"};
constexpr std::array<std::string_view, 5> kDataKeys = {"dataset", "task", "label", "output", "classes"};
constexpr std::array<std::string_view, 2> kTasks = {"classification", "regression"};

Result<std::optional<Digest>> dataset(const Field& field) {
  const auto digest = parse_digest(TRY(field.text()));
  if (!digest.ok()) return field.wrong(digest.error().message);
  return std::optional(*digest);
}

Result<void> apply_data(const Field& field, ports::EvaluationRules& rules) {
  TRY(field.check_keys(kDataKeys));
  TRY(take(field, "dataset", rules.dataset, dataset));
  TRY(take(field, "task", rules.task, [](const Field& value) -> Result<gate::Task> {
    return static_cast<gate::Task>(TRY(one_of(value, kTasks)));
  }));
  TRY(take(field, "label", rules.label, name));
  TRY(take(field, "output", rules.output, name));
  TRY(take(field, "classes", rules.classes, names));
  return {};
}

Result<void> apply_gates(const Field& field, ports::GatePlan& plan) {
  std::vector<std::string_view> known;
  for (const GateKey& gate : gate_keys()) known.push_back(gate.name);
  TRY(field.check_keys(known));
  for (const GateKey& gate : gate_keys()) {
    const auto found = field.find(gate.name);
    if (!found) continue;
    const bool is_off = found->is(yaml::Kind::Scalar) && found->node().scalar == "off";
    if (is_off) {
      gate.leave_out(plan);
    } else if (!found->is(yaml::Kind::Mapping) && !found->is(yaml::Kind::Null)) {
      return found->expected("the gate's policy, or off");
    } else {
      TRY(gate.read(*found, plan));
    }
  }
  return {};
}

Result<void> apply(const Field& layer, ports::GatePlan& plan) {
  if (const auto data = layer.find("data")) TRY(apply_data(*data, plan.data));
  if (const auto gates = layer.find("gates")) TRY(apply_gates(*gates, plan));
  return {};
}

bool is_pattern(std::string_view key) {
  return key.find('*') != std::string_view::npos;
}

Result<access::NamePattern> pattern_in(const Field& entry, const std::string& key) {
  auto pattern = access::NamePattern::parse(key);
  if (pattern.ok()) return pattern;
  return entry.wrong(pattern.error().message);
}

// The entry of the model's own name, else that of the longest pattern it fits, the first of several as long.
Result<std::optional<Field>> entry_for(const Field& models, std::string_view model) {
  auto best = models.find(model);
  if (best) return best;
  std::size_t longest = 0;
  for (const auto& [key, entry] : TRY(models.entries(kMostModels))) {
    if (!is_pattern(key) || key.size() <= longest) continue;
    if (!TRY(pattern_in(entry, key)).matches(model)) continue;
    longest = key.size();
    best = entry;
  }
  return best;
}

// The policy and all it inherits, the most general first.
Result<std::vector<Field>> policy_chain(const Field& root, Field reference) {
  std::vector<Field> chain;
  for (;;) {
    const std::string wanted = TRY(name(reference));
    const auto policies = root.find("policies");
    const auto policy = policies ? policies->find(wanted) : std::nullopt;
    if (!policy) return reference.expected("the name of one of the file's policies");
    TRY(policy->check_keys(kPolicyKeys));
    chain.push_back(*policy);
    if (chain.size() > kDeepestInheritance) return reference.wrong("policies that inherit from each other in a circle");
    const auto parent = policy->find("inherits");
    if (!parent) break;
    reference = *parent;
  }
  std::ranges::reverse(chain);
  return chain;
}

// What is never used is checked as well: a plan is refused when it is written, not when its day comes.
Result<void> check_all(const Field& root) {
  const auto check_layer = [](const Field& layer) {
    ports::GatePlan ignored;
    return apply(layer, ignored);
  };
  for (const std::string_view group : {"policies", "models"}) {
    const auto field = root.find(group);
    if (!field) continue;
    for (const auto& [key, layer] : TRY(field->entries(kMostModels))) {
      if (group == "models") {
        TRY(layer.check_keys(kModelKeys));
        if (is_pattern(key)) TRY(pattern_in(layer, key));
      } else {
        TRY(layer.check_keys(kPolicyKeys));
      }
      TRY(check_layer(layer));
      if (const auto reference = layer.find(group == "models" ? "policy" : "inherits")) {
        TRY(policy_chain(root, *reference));
      }
    }
  }
  return {};
}

}  // namespace

Result<ports::GatePlan> PlanYaml::read(std::string_view yaml, std::string_view file, std::string_view model) {
  const yaml::Document document = TRY(yaml::parse(yaml, file));
  const Field root(document, document.root, "");
  TRY(root.check_keys(kFileKeys));
  TRY(check_all(root));
  ports::GatePlan plan;
  TRY(take(root, "seed", plan.gates.seed, [](const Field& value) { return value.integer(0, 1LL << 62); }));
  TRY(take(root, "resamples", plan.gates.resamples, [](const Field& value) { return value.integer(100, 100'000); }));
  const auto models = root.find("models");
  const auto own = models ? TRY(entry_for(*models, model)) : std::nullopt;
  auto policy = own ? own->find("policy") : std::nullopt;
  if (!policy) policy = root.find("default");
  if (!own && !policy && !root.find("gates")) {
    return not_found(printable(file) + ": expected a plan for \"" + printable(model) +
                     "\": gates, a default policy or an entry under models, found none");
  }
  TRY(apply(root, plan));
  if (policy) {
    for (const Field& layer : TRY(policy_chain(root, *policy))) TRY(apply(layer, plan));
  }
  if (own) TRY(apply(*own, plan));
  auto sound = gate::check(plan.gates);
  if (!sound.ok()) return std::move(sound).error().within(printable(file));
  return plan;
}

}  // namespace slipway::plan_yaml
