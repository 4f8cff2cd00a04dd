// The tables of data sets: those of docs/formats/datasets.md in PostgreSQL's words.
#include "adapter/store_postgres/schema.h"

namespace slipway::store_postgres {
namespace {

const std::vector<Migration>& steps() {
  static const std::vector<Migration> kSteps = {
      {1,
       {
           R"(CREATE TABLE dataset (
                digest TEXT COLLATE "C" PRIMARY KEY CHECK (length(digest) = 64),
                name TEXT NOT NULL,
                size BIGINT NOT NULL CHECK (size >= 0),
                rows BIGINT NOT NULL CHECK (rows >= 0),
                created_at BIGINT NOT NULL,
                created_by TEXT NOT NULL))",
           R"(CREATE TABLE dataset_column (
                digest TEXT COLLATE "C" NOT NULL REFERENCES dataset (digest) ON DELETE CASCADE,
                position BIGINT NOT NULL,
                name TEXT NOT NULL,
                PRIMARY KEY (digest, position)))",
       }},
  };
  return kSteps;
}

}  // namespace

Part dataset_part() {
  return {"datasets", steps()};
}

}  // namespace slipway::store_postgres
