// What the registry's models and versions are searched by. `means` is the key that rows and stores know.
#pragma once

#include <array>

#include "domain/search/filter.h"

namespace slipway::search {

// Times are milliseconds since 1970-01-01T00:00:00Z. A text that is empty is not there.
inline constexpr std::array<Attribute, 22> kVersionAttributes = {{
    {"name", "name"},
    {"version", "number", Type::Number},
    {"stage", "stage"},
    {"created", "created", Type::Number},
    {"changed", "changed", Type::Number},  // when it came, or the last note on it
    {"author", "author"},
    {"digest", "digest"},                // sha256:...
    {"size", "size", Type::Number},      // bytes of its files
    {"memory", "memory", Type::Number},  // bytes; this and latency_us as verification measured them
    {"latency_us", "latency_us", Type::Number},
    {"format", "format"},
    {"alias", "alias", Type::Texts},
    {"environment", "environment", Type::Texts},  // where it is desired to serve
    {"source", "source"},
    {"mlflow_stage", "stage_label"},
    {"run", "run"},  // as MLflow's client said it, else the package
    {"commit", "commit"},
    {"parent", "parent"},
    {"built_by", "built_by"},
    {"training_data", "training_data"},
    {"data", "data", Type::Texts},  // digests of its data sets
    {"description", "description"},
}};
inline constexpr std::array<Attribute, 7> kModelAttributes = {{
    {"name", "name"},
    {"created", "created", Type::Number},
    {"changed", "changed", Type::Number},  // it, what is said of it, or one of its versions
    {"versions", "last", Type::Number},    // how many there ever were
    {"description", "description"},
    {"alias", "alias", Type::Texts},
    {"environment", "environment", Type::Texts},
}};

inline constexpr Rules kVersionRules{
    .attributes = kVersionAttributes, .metrics = true, .parameters = true, .tags = true, .model_tags = true};
inline constexpr Rules kModelRules{.attributes = kModelAttributes, .metrics = false, .parameters = false, .tags = true};

}  // namespace slipway::search
