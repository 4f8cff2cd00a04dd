#include "adapter/store_sqlite/schema_assignment.h"

namespace slipway::store_sqlite {

Migration assignment_step() {
  return {10, {R"(ALTER TABLE desired_serving ADD COLUMN assignment TEXT NOT NULL DEFAULT '')"}};
}

}  // namespace slipway::store_sqlite
