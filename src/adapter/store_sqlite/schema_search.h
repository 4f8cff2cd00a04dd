// Schema 8: what lists of versions are searched and ordered by.
#pragma once

#include "adapter/store_sqlite/schema.h"

namespace slipway::store_sqlite {

Migration search_step();

}  // namespace slipway::store_sqlite
