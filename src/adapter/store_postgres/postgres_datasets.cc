#include "adapter/store_postgres/postgres_datasets.h"

#include "adapter/sql_records/dataset_rows.h"
#include "adapter/store_postgres/schema.h"

namespace slipway::store_postgres {

PostgresDatasets::PostgresDatasets(Target target, std::string name, Peers& peers)
    : connector_(std::move(target)),
      readers_(connector_),
      writer_(connector_, std::move(name), "registry"),
      peers_(peers) {}

Result<std::unique_ptr<PostgresDatasets>> PostgresDatasets::open(const Settings& settings, Peers& peers) {
  Target target = TRY(read_target(settings));
  std::unique_ptr<PostgresDatasets> store(
      new PostgresDatasets(std::move(target), random_name(), peers));  // the constructor is private
  const auto session = TRY(store->connector_.open());
  TRY(migrate(*session, store->connector_.target(), dataset_part()));
  return store;
}

Result<void> PostgresDatasets::add(const ports::DatasetRecord& record) {
  return writer_.write([&](Session& session) -> Result<void> {
    TRY(peers_.expect_held(session));
    return sql_records::add_dataset(session, record);
  });
}

Result<std::optional<ports::DatasetRecord>> PostgresDatasets::find(const Digest& digest) {
  return readers_.reading([&](Session& session) { return sql_records::read_dataset(session, digest); });
}

Result<std::vector<ports::DatasetRecord>> PostgresDatasets::list(const std::optional<Digest>& after,
                                                                 std::size_t limit) {
  return readers_.reading([&](Session& session) { return sql_records::read_datasets(session, after, limit); });
}

Result<bool> PostgresDatasets::remove(const Digest& digest) {
  bool was_there = false;
  TRY(writer_.write([&](Session& session) -> Result<void> {
    was_there = TRY(sql_records::remove_dataset(session, digest));
    return {};
  }));
  return was_there;
}

}  // namespace slipway::store_postgres
