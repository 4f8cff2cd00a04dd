#include "adapter/api_admin/assignment_fields.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace slipway::api_admin {
namespace {

using model::UnitSource;

constexpr std::array<std::string_view, 5> kSources = {"header:", "parameter", "input:", "principal", "request"};

std::string written(const UnitSource& unit) {
  return std::string(kSources[static_cast<std::size_t>(unit.kind)]) + unit.name;
}

Result<UnitSource> parse_unit(std::string_view text) {
  for (std::size_t i = 0; i < kSources.size(); ++i) {
    const bool has_name = kSources[i].ends_with(':');
    if (has_name ? !text.starts_with(kSources[i]) : text != kSources[i]) continue;
    return UnitSource{static_cast<UnitSource::Kind>(i), std::string(text.substr(kSources[i].size()))};
  }
  return invalid_input("assignment.unit: expected header:NAME, input:NAME, parameter, principal or request, found \"" +
                       printable(text, 60) + "\"");
}

}  // namespace

Result<std::optional<model::AssignmentRule>> read_assignment(const JsonFields& fields) {
  const auto said = TRY(fields.object("assignment", {"unit", "experiment", "control", "only", "override_needs"}));
  if (!said) return std::optional<model::AssignmentRule>();
  model::AssignmentRule rule;
  if (const auto unit = TRY(said->text("unit", 2 * model::kLongestRuleText))) rule.unit = TRY(parse_unit(*unit));
  rule.experiment = TRY(said->text("experiment", model::kLongestRuleText)).value_or("");
  rule.control = TRY(said->number("control")).value_or(0);
  for (const JsonFields& each : TRY(said->list("only", {"header", "equals"}, model::kMostConditions))) {
    model::Condition condition;
    condition.header = TRY(each.text("header", model::kLongestRuleText)).value_or("");
    condition.equals = TRY(each.text("equals", model::kLongestRuleText)).value_or("");
    rule.conditions.push_back(std::move(condition));
  }
  if (const auto needs = TRY(said->text("override_needs", 64))) {
    const auto permission = access::parse_permission(*needs);
    if (!permission) {
      return invalid_input("assignment.override_needs: expected a permission, such as deploy, found \"" +
                           printable(*needs, 60) + "\"");
    }
    rule.override_needs = *permission;
  }
  if (auto checked = model::check(rule); !checked) return std::move(checked).error().within("assignment");
  return std::optional(std::move(rule));
}

void write_assignment(JsonWriter& json, const model::AssignmentRule& rule) {
  json.key("assignment").open('{').field("unit", written(rule.unit)).field("experiment", rule.experiment);
  json.key("control");
  rule.control == 0 ? json.null() : json.value(rule.control);
  json.key("only").open('[');
  for (const model::Condition& condition : rule.conditions) {
    json.open('{');
    if (!condition.header.empty()) json.field("header", condition.header);
    json.field("equals", condition.equals).close('}');
  }
  json.close(']').field("override_needs", access::name_of(rule.override_needs)).close('}');
}

}  // namespace slipway::api_admin
