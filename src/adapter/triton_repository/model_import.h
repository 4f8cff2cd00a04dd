// ModelImport: takes the versions of one plan into the registry, and says what is to be served of them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/triton_repository/import_record.h"
#include "adapter/triton_repository/model_plan.h"
#include "base/log.h"
#include "domain/model/serving.h"
#include "service/registry/registry.h"

namespace slipway::triton_repository {

struct ImportParts {
  registry::Registry& registry;
  Log& log;
  std::string environment;
  std::string packages;                 // folder for archives on their way
  std::function<bool()> is_stopping{};  // what was cut off by the server's end is not written down as refused
};

// What came of one import.
struct Imported {
  model::TrafficSplit split;     // what is served now: the newest good version, the others by their number alone
  std::optional<Error> refused;  // of the newest version that was wanted and not taken
};

// True if a later try may end otherwise although nothing on disk has changed.
bool may_pass(ErrorCode code);

// Versions that are as `record` knows them are not read again. A version that is not good is left out, the next older
// one stands in, and what was taken of its folder before is served on. Writes what it did into `record`, also when it
// fails: InvalidInput when no version is good, Cancelled at the server's end, else the registry's failures. Blocks.
Result<Imported> import_model(const ImportParts& parts, const RepositoryFolder& repository, const ModelPlan& plan,
                              ImportRecord& record, const registry::Author& author);

}  // namespace slipway::triton_repository
