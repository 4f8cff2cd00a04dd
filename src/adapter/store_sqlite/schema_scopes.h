// The step of the schema that limits tokens.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration scopes_step();  // to version 5

}  // namespace slipway::store_sqlite
