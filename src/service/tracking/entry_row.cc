#include "service/tracking/entry_row.h"

#include <array>

namespace slipway::tracking {
namespace {

using search::Attribute;
using search::Type;
using training::Kind;

constexpr std::array<Attribute, 4> kOfExperiments = {{{"name", "name"},
                                                      {"experiment_id", "id"},
                                                      {"creation_time", "started", Type::Number},
                                                      {"last_update_time", "changed", Type::Number}}};
constexpr std::array<Attribute, 13> kOfRuns = {{{"run_id", "id"},
                                                {"run_uuid", "id"},
                                                {"run_name", "name"},
                                                {"run name", "name"},
                                                {"Run name", "name"},
                                                {"status", "state"},
                                                {"user_id", "owner"},
                                                {"experiment_id", "experiment"},
                                                {"start_time", "started", Type::Number},
                                                {"Created", "started", Type::Number},
                                                {"created", "started", Type::Number},
                                                {"end_time", "ended", Type::Number},
                                                {"duration", "duration", Type::Number}}};
constexpr std::array<Attribute, 10> kOfModels = {{{"name", "name"},
                                                  {"model_id", "id"},
                                                  {"model_type", "type"},
                                                  {"status", "state"},
                                                  {"source_run_id", "source_run"},
                                                  {"experiment_id", "experiment"},
                                                  {"creation_time", "started", Type::Number},
                                                  {"creation_timestamp", "started", Type::Number},
                                                  {"last_updated_time", "changed", Type::Number},
                                                  {"last_updated_timestamp", "changed", Type::Number}}};

}  // namespace

search::Rules rules_for(Kind kind) {
  const bool has_values = kind != Kind::Experiment;
  search::Rules rules{.attributes = kOfExperiments, .metrics = has_values, .parameters = has_values, .tags = true};
  if (kind == Kind::Run) rules.attributes = kOfRuns;
  if (kind == Kind::Model) rules.attributes = kOfModels;
  return rules;
}

std::optional<double> EntryRow::number(const search::Field& field) const {
  if (field.part == search::Part::Metric) {
    const auto found = entry_.metrics.find(field.key);
    return found == entry_.metrics.end() ? std::nullopt : std::optional(found->second.value);
  }
  if (field.part != search::Part::Attribute) return std::nullopt;
  if (field.key == "started") return static_cast<double>(entry_.started);
  if (field.key == "changed") return static_cast<double>(entry_.changed);
  if (!entry_.ended) return std::nullopt;
  if (field.key == "ended") return static_cast<double>(*entry_.ended);
  if (field.key == "duration") return static_cast<double>(*entry_.ended) - static_cast<double>(entry_.started);
  return std::nullopt;
}

std::optional<std::string_view> EntryRow::text(const search::Field& field) const {
  if (field.part == search::Part::Metric) return std::nullopt;
  if (field.part == search::Part::Attribute) return attribute(field.key);
  const auto& held = field.part == search::Part::Tag ? entry_.tags : entry_.parameters;
  const auto found = held.find(field.key);
  return found == held.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::optional<std::string_view> EntryRow::attribute(std::string_view key) const {
  if (key == "id") return entry_.key.id;
  if (key == "name") return entry_.name;
  if (key == "state") return name_of(entry_.state);
  if (key == "owner") return entry_.owner;
  if (key == "experiment") return entry_.experiment;
  if (key == "type") return entry_.type;
  if (key == "source_run" && !entry_.source_run.empty()) return entry_.source_run;
  return std::nullopt;
}

}  // namespace slipway::tracking
