// PostgresTracking: experiments, runs and logged models in a PostgreSQL database
// (docs/formats/postgres-database.md).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/store_postgres/reader_pool.h"
#include "adapter/store_postgres/writer.h"
#include "ports/tracking_store.h"

namespace slipway::store_postgres {

// As PostgresStore.
class PostgresTracking final : public ports::TrackingStore {
 public:
  static Result<std::unique_ptr<PostgresTracking>> open(const Settings& settings);

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
  PostgresTracking(Target target, std::string name);

  Connector connector_;
  ReaderPool readers_;
  Writer writer_;
};

}  // namespace slipway::store_postgres
