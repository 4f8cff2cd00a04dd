// PostgresDatasets: registered data sets in a PostgreSQL database (docs/formats/postgres-database.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/store_postgres/peers.h"
#include "adapter/store_postgres/reader_pool.h"
#include "adapter/store_postgres/writer.h"
#include "ports/dataset_store.h"

namespace slipway::store_postgres {

// As PostgresStore. Writes in turn with the registry, so that no server begins to remove artifacts between two looks.
class PostgresDatasets final : public ports::DatasetStore {
 public:
  // `peers`: of the registry's store of the same database, which outlives this one.
  static Result<std::unique_ptr<PostgresDatasets>> open(const Settings& settings, Peers& peers);

  // Unavailable also: its artifact may have been removed meanwhile (Peers::expect_held).
  Result<void> add(const ports::DatasetRecord& record) override;
  Result<std::optional<ports::DatasetRecord>> find(const Digest& digest) override;
  Result<std::vector<ports::DatasetRecord>> list(const std::optional<Digest>& after, std::size_t limit) override;
  Result<bool> remove(const Digest& digest) override;

 private:
  PostgresDatasets(Target target, std::string name, Peers& peers);

  Connector connector_;
  ReaderPool readers_;
  Writer writer_;
  Peers& peers_;
};

}  // namespace slipway::store_postgres
