// The step of the schema that says by what requests are assigned to versions.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration assignment_step();  // to version 10

}  // namespace slipway::store_sqlite
