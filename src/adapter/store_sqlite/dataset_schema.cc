#include "adapter/store_sqlite/dataset_schema.h"

#include <vector>

namespace slipway::store_sqlite {

std::span<const Migration> dataset_migrations() {
  static const std::vector<Migration> kMigrations = {
      {1,
       {
           R"(CREATE TABLE dataset (
                digest TEXT PRIMARY KEY CHECK (length(digest) = 64),
                name TEXT NOT NULL,
                size INTEGER NOT NULL CHECK (size >= 0),
                rows INTEGER NOT NULL CHECK (rows >= 0),
                created_at INTEGER NOT NULL,
                created_by TEXT NOT NULL
              ) STRICT, WITHOUT ROWID)",
           R"(CREATE TABLE dataset_column (
                digest TEXT NOT NULL REFERENCES dataset (digest) ON DELETE CASCADE,
                position INTEGER NOT NULL,
                name TEXT NOT NULL,
                PRIMARY KEY (digest, position)
              ) STRICT, WITHOUT ROWID)",
       }},
  };
  return kMigrations;
}

}  // namespace slipway::store_sqlite
