// The step of the schema that says which version requests are mirrored to.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration mirror_step();  // to version 11

}  // namespace slipway::store_sqlite
