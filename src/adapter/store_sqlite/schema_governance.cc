#include "adapter/store_sqlite/schema_governance.h"

namespace slipway::store_sqlite {

Migration governance_step() {
  return {4,
          {
              R"(ALTER TABLE approval ADD COLUMN overrides INTEGER NOT NULL DEFAULT 0 CHECK (overrides IN (0, 1)))",
          }};
}

Migration makers_step() {
  return {6, {R"(ALTER TABLE version ADD COLUMN makers TEXT NOT NULL DEFAULT '')"}};
}

}  // namespace slipway::store_sqlite
