// The step of the schema that chains the history and keeps its signed heads.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

inline constexpr std::int64_t kChainedSchema = 3;

Migration audit_step();  // to that version

}  // namespace slipway::store_sqlite
