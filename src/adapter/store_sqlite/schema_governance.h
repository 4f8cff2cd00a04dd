// The steps of the schema that governance asked for.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration governance_step();  // to version 4: overrides told from approvals
Migration makers_step();      // to version 5: everybody who made a version

}  // namespace slipway::store_sqlite
