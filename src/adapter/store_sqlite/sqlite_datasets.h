// SqliteDatasets: registered data sets in an SQLite file of their own (docs/formats/datasets.md).
#pragma once

#include <memory>
#include <string>

#include "adapter/store_sqlite/connection.h"
#include "adapter/store_sqlite/schema.h"
#include "base/guarded.h"
#include "ports/dataset_store.h"

namespace slipway::store_sqlite {

// Owned by the application; needs the data directory's lock around it. Any thread, one at a time. After a failed write
// or fsync it refuses every further change (Unavailable) until the process is started again.
class SqliteDatasets final : public ports::DatasetStore {
 public:
  // As SqliteStore::open.
  static Result<std::unique_ptr<SqliteDatasets>> open(const std::string& path,
                                                      SchemaChange change = SchemaChange::Allowed);

  Result<void> add(const ports::DatasetRecord& record) override;
  Result<std::optional<ports::DatasetRecord>> find(const Digest& digest) override;
  Result<std::vector<ports::DatasetRecord>> list(const std::optional<Digest>& after, std::size_t limit) override;
  Result<bool> remove(const Digest& digest) override;

 private:
  explicit SqliteDatasets(Connection connection) : connection_(std::move(connection)) {}
  Guarded<Connection> connection_;
};

}  // namespace slipway::store_sqlite
