// The tables of the registry, of training and of data sets, and the steps to them. docs/formats/postgres-database.md
// describes them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "adapter/store_postgres/session.h"

namespace slipway::store_postgres {

// One step of a part's schema: from `version` - 1 to `version`. A value; never changed once released.
struct Migration {
  std::int64_t version;
  std::vector<std::string_view> statements;
};

// A part of the database, which one store keeps.
struct Part {
  std::string_view name;
  std::span<const Migration> steps;  // from version 1 on without gaps
};
Part registry_part();
Part training_part();
Part dataset_part();

// Brings the part to its last step, in one transaction; of servers that start together one does it and the others wait.
// InvalidInput: the database is newer than the last step, or it holds no UTF-8. Denied: the role may not create.
Result<void> migrate(Session& session, const Target& target, const Part& part);

}  // namespace slipway::store_postgres
