#include "adapter/sql_records/search_fields.h"

#include <algorithm>

#include "base/invariant.h"

namespace slipway::sql_records {
namespace {

constexpr std::string_view kOfVersion = "x.model = e.model AND x.number = e.number";
constexpr std::string_view kNamesVersion = "x.model = e.model AND x.version = e.number";
constexpr std::string_view kNumbered = "x.model AS model, x.number AS number";
constexpr std::string_view kNaming = "x.model AS model, x.version AS number";

constexpr std::string_view kStart = "left(x.value, 200)";

constexpr Column kVersionColumns[] = {
    {"name", "e.model", true},
    {"number", "e.number", true},
    {"stage", "e.stage", true},
    {"created", "e.created", true},
    {"changed", "e.changed", true},
    {"author", "e.author"},
    {"digest", "e.digest", true},
    {"size", "e.size", true},
    {"memory", "e.memory"},
    {"latency_us", "e.latency_us"},
    {"format", "e.format"},
    {"source", "e.source"},
    {"stage_label", "e.stage_label"},
    {"run", "e.run"},
    {"commit", "e.code_commit"},
    {"parent", "e.parent"},
    {"built_by", "e.built_by"},
    {"training_data", "e.training_data"},
    {"description",
     "(SELECT NULLIF(x.description, '') FROM version_notes x WHERE x.model = e.model AND x.number = e.number)"},
};
constexpr Set kVersionSets[] = {
    {"alias", {"alias", kNamesVersion, "x.alias", kNaming}},
    {"environment", {"desired_share", kNamesVersion, "x.environment", kNaming}},
    {"data", {"version_data", kOfVersion, "x.digest", kNumbered}},
};
constexpr Column kModelColumns[] = {
    {"name", "m.name", true},
    {"created", "m.created_at / 1000", true},
    {"changed",
     "(SELECT MAX(t.changed) FROM (SELECT m.created_at / 1000 AS changed UNION ALL SELECT m.changed_at / 1000 "
     "UNION ALL SELECT x.changed FROM version_entry x WHERE x.model = m.name) t)",
     true},
    {"last", "m.last_version", true},
    {"description", "NULLIF(m.description, '')"},
};
constexpr Set kModelSets[] = {
    {"alias", {"alias", "x.model = m.name", "x.alias", ""}},
    {"environment", {"desired_serving", "x.model = m.name AND x.serving = 1", "x.environment", ""}},
};

}  // namespace

const Subject kVersions = {.columns = kVersionColumns,
                           .sets = kVersionSets,
                           .metrics = {"version_metric", kOfVersion, "x.value", kNumbered},
                           .parameters = {"version_parameter", kOfVersion, "x.value", kNumbered, kStart},
                           .tags = {"version_tag", kOfVersion, "x.value", kNumbered, kStart},
                           .model_tags = {"model_tag", "x.model = e.model", "x.value", ""},
                           .from = "FROM version_entry e WHERE 1 = 1",
                           .name = "e.model",
                           .number = "e.number"};
const Subject kModels = {.columns = kModelColumns,
                         .sets = kModelSets,
                         .metrics = {},
                         .parameters = {},
                         .tags = {"model_tag", "x.model = m.name", "x.value", ""},
                         .model_tags = {},
                         .from = "FROM model m WHERE m.removed = 0",
                         .name = "m.name",
                         .number = ""};

const Column& column_of(const Subject& subject, const search::Field& field) {
  const auto found = std::ranges::find(subject.columns, std::string_view(field.key), &Column::key);
  invariant(found != subject.columns.end(), "a search asks for fields of its rules alone");
  return *found;
}

const Side* side_of(const Subject& subject, const search::Field& field) {
  switch (field.part) {
    case search::Part::Metric:
      return &subject.metrics;
    case search::Part::Parameter:
      return &subject.parameters;
    case search::Part::Tag:
      return &subject.tags;
    case search::Part::ModelTag:
      return &subject.model_tags;
    case search::Part::Attribute:
      break;
  }
  const auto found = std::ranges::find(subject.sets, std::string_view(field.key), &Set::key);
  return found == subject.sets.end() ? nullptr : &found->side;
}

}  // namespace slipway::sql_records
