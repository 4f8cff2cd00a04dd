// The tables of rollouts in PostgreSQL's words. docs/formats/rollouts.md describes every column.
#pragma once

#include "adapter/store_postgres/schema.h"

namespace slipway::store_postgres {

Part rollout_part();

}  // namespace slipway::store_postgres
