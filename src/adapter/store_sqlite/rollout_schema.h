// The schema of the rollouts' database and the steps to it. docs/formats/rollouts.md describes every column.
#pragma once

#include <span>

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

// All of them, from version 1 on without gaps.
std::span<const Migration> rollout_migrations();

}  // namespace slipway::store_sqlite
