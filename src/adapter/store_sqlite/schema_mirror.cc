#include "adapter/store_sqlite/schema_mirror.h"

namespace slipway::store_sqlite {

Migration mirror_step() {
  return {11,
          {R"(ALTER TABLE desired_serving ADD COLUMN mirror_version INTEGER NOT NULL DEFAULT 0)",
           R"(ALTER TABLE desired_serving ADD COLUMN mirror_share INTEGER NOT NULL DEFAULT 0
                CHECK (mirror_share BETWEEN 0 AND 10000))"}};
}

}  // namespace slipway::store_sqlite
