// The step of the schema that remembers which requests were applied.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration idempotency_step();  // to version 5

}  // namespace slipway::store_sqlite
