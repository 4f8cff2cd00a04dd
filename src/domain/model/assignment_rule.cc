#include "domain/model/assignment_rule.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace slipway::model {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"header", "parameter", "input", "principal", "request"};

bool takes_name(UnitSource::Kind kind) {
  return kind == UnitSource::Kind::Header || kind == UnitSource::Kind::Input;
}

Result<void> check_text(const std::string& field, std::string_view text) {
  if (text.empty() || text.size() > kLongestRuleText) {
    return invalid_input(field + ": expected 1 to " + std::to_string(kLongestRuleText) + " bytes, found " +
                         std::to_string(text.size()));
  }
  if (is_valid_utf8(text) && !has_control_characters(text)) return {};
  return invalid_input(field + ": expected UTF-8 that prints, found \"" + printable(text) + "\"");
}

Result<void> check_header(const std::string& field, std::string_view name) {
  TRY(check_text(field, name));
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (std::ranges::all_of(name, fits)) return {};
  return invalid_input(field + ": expected a header's name of a-z 0-9 - _ ., found \"" + printable(name) + "\"");
}

// "a b c" -> "a", leaving "b c".
std::string_view take_word(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  return word;
}

bool read_unit(std::string_view rest, UnitSource& unit) {
  const auto kind = std::ranges::find(kKinds, take_word(rest));
  if (kind == kKinds.end()) return false;
  unit = {static_cast<UnitSource::Kind>(kind - kKinds.begin()), std::string(rest)};
  return true;
}

// "country input features[3]"; its values follow in lines of their own.
bool read_column(std::string_view rest, Slicing& slicing) {
  const std::string_view name = take_word(rest);
  const auto source = parse_slice_source(rest);
  if (!source) return false;
  slicing.columns.push_back({std::string(name), *source, {}});
  return true;
}

bool read_slice(std::string_view value, Slicing& slicing) {
  if (slicing.columns.empty()) return false;
  slicing.columns.back().values.emplace_back(value);
  return true;
}

bool read_line(std::string_view line, AssignmentRule& rule) {
  std::string_view rest = line;
  const std::string_view key = take_word(rest);
  if (key == "unit") return read_unit(rest, rule.unit);
  if (key == "experiment") return rule.experiment = rest, true;
  if (key == "principal") return rule.conditions.push_back({{}, std::string(rest)}), true;
  if (key == "header") {
    const std::string_view name = take_word(rest);
    return rule.conditions.push_back({std::string(name), std::string(rest)}), true;
  }
  if (key == "column") return read_column(rest, rule.slicing);
  if (key == "slice") return read_slice(rest, rule.slicing);
  if (key == "control") {
    const auto version = parse_version(rest);
    rule.control = version.value_or(0);
    return version.has_value();
  }
  const auto permission = key == "override" ? access::parse_permission(rest) : std::nullopt;
  if (permission) rule.override_needs = *permission;
  return permission.has_value();
}

}  // namespace

Result<void> check(const AssignmentRule& rule) {
  if (rule.unit.kind == UnitSource::Kind::Header) TRY(check_header("unit.header", rule.unit.name));
  if (rule.unit.kind == UnitSource::Kind::Input) TRY(check_text("unit.input", rule.unit.name));
  if (!rule.experiment.empty()) TRY(check_text("experiment", rule.experiment));
  if (rule.conditions.size() > kMostConditions) {
    return invalid_input("only: expected at most " + std::to_string(kMostConditions) + " conditions, found " +
                         std::to_string(rule.conditions.size()));
  }
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    const std::string where = "only[" + std::to_string(i) + "]";
    if (!rule.conditions[i].header.empty()) TRY(check_header(where + ".header", rule.conditions[i].header));
    TRY(check_text(where + ".equals", rule.conditions[i].equals));
  }
  return check(rule.slicing);
}

std::string text_of(const AssignmentRule& rule) {
  const AssignmentRule usual;
  std::string text;
  if (rule.unit != usual.unit) {
    text += "unit " + std::string(kKinds[static_cast<std::size_t>(rule.unit.kind)]);
    text += (takes_name(rule.unit.kind) ? " " + rule.unit.name : std::string()) + "\n";
  }
  if (!rule.experiment.empty()) text += "experiment " + rule.experiment + "\n";
  if (rule.control != 0) text += "control " + std::to_string(rule.control) + "\n";
  for (const Condition& condition : rule.conditions) {
    text += condition.header.empty() ? std::string("principal ") : "header " + condition.header + " ";
    text += condition.equals + "\n";
  }
  if (rule.override_needs != usual.override_needs) {
    text += "override " + std::string(access::name_of(rule.override_needs)) + "\n";
  }
  for (const SliceColumn& column : rule.slicing.columns) {
    text += "column " + column.name + " " + text_of(column.source) + "\n";
    for (const std::string& value : column.values) text += "slice " + value + "\n";
  }
  return text;
}

Result<AssignmentRule> parse_assignment_rule(std::string_view text) {
  AssignmentRule rule;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!read_line(line, rule)) {
      return invalid_input(
          "assignment rule: expected unit, experiment, control, header, principal, override, column or slice, found "
          "\"" +
          printable(line) + "\"");
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  TRY(check(rule));
  return rule;
}

}  // namespace slipway::model
