#include "adapter/store_sqlite/schema_governance.h"

namespace slipway::store_sqlite {

Migration governance_step() {
  return {4,
          {
              R"(ALTER TABLE approval ADD COLUMN overrides INTEGER NOT NULL DEFAULT 0 CHECK (overrides IN (0, 1)))",
          }};
}

}  // namespace slipway::store_sqlite
