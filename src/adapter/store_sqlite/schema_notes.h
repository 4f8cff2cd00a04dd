// The step of the schema that lets people write about models and versions, and keeps evidence and approvals.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration notes_step();  // to version 2

}  // namespace slipway::store_sqlite
