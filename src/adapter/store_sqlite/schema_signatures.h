// The step of the schema that keeps the signatures that were attached to versions.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration signatures_step();  // to version 9

}  // namespace slipway::store_sqlite
