// SqliteTracking: experiments, runs and logged models in an SQLite file of their own
// (docs/formats/tracking-database.md).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/store_sqlite/connection.h"
#include "adapter/store_sqlite/schema.h"
#include "base/guarded.h"
#include "ports/tracking_store.h"

namespace slipway::store_sqlite {

// Owned by the application; needs the data directory's lock around it. Any thread: one connection writes, one reads.
// After a failed write or fsync it refuses every further commit (Unavailable) until the process is started again.
class SqliteTracking final : public ports::TrackingStore {
 public:
  // As SqliteStore::open.
  static Result<std::unique_ptr<SqliteTracking>> open(const std::string& path,
                                                      SchemaChange change = SchemaChange::Allowed);

  Result<void> commit(const std::vector<ports::TrackingChange>& changes) override;
  Result<std::optional<ports::StoredEntry>> entry(const training::EntryKey& key) override;
  Result<std::optional<ports::StoredEntry>> experiment_named(std::string_view name) override;
  Result<std::vector<ports::StoredEntry>> entries(training::Kind kind, std::string_view experiment, std::uint64_t after,
                                                  std::size_t limit) override;
  Result<std::vector<training::Metric>> history(const training::EntryKey& of, std::string_view metric, std::size_t skip,
                                                std::size_t limit) override;
  Result<std::optional<training::File>> file(const training::EntryKey& of, std::string_view path) override;
  Result<std::vector<training::File>> files(const training::EntryKey& of, std::string_view prefix,
                                            std::string_view after, std::size_t limit) override;
  Result<std::vector<Digest>> digests() override;

 private:
  SqliteTracking(Connection writer, Connection reader) : writer_(std::move(writer)), reader_(std::move(reader)) {}
  template <class Read>
  auto reading(Read read) -> decltype(read(std::declval<Connection&>()));

  Guarded<Connection> writer_;
  Guarded<Connection> reader_;
};

}  // namespace slipway::store_sqlite
