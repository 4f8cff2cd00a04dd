// The step of the schema that tells overrides from approvals.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration governance_step();  // to version 4

}  // namespace slipway::store_sqlite
