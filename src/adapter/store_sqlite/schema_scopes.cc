#include "adapter/store_sqlite/schema_scopes.h"

namespace slipway::store_sqlite {

Migration scopes_step() {
  return {7,
          {
              R"(ALTER TABLE token ADD COLUMN models TEXT NOT NULL DEFAULT '')",
              R"(ALTER TABLE token ADD COLUMN permissions TEXT NOT NULL DEFAULT '')",
              R"(ALTER TABLE token ADD COLUMN environments TEXT NOT NULL DEFAULT '')",
          }};
}

}  // namespace slipway::store_sqlite
