#include "adapter/store_sqlite/schema_idempotency.h"

namespace slipway::store_sqlite {

Migration idempotency_step() {
  return {5,
          {
              // AUTOINCREMENT: a number is never given twice, so that the oldest are found by counting back.
              R"(CREATE TABLE idempotency (
                   sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                   key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
                   request BLOB NOT NULL CHECK (length(request) = 32),
                   at INTEGER NOT NULL,
                   status INTEGER CHECK (status BETWEEN 100 AND 599),
                   body TEXT NOT NULL,
                   revision INTEGER NOT NULL CHECK (revision > 0)
                 ) STRICT)",
              R"(CREATE INDEX idempotency_by_time ON idempotency (at))",
          }};
}

}  // namespace slipway::store_sqlite
