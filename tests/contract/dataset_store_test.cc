// What every DatasetStore must keep to.
#include "ports/dataset_store.h"

#include <gtest/gtest.h>

#include <memory>

#include "adapter/store_memory/memory_datasets.h"
#include "adapter/store_postgres/postgres_datasets.h"
#include "adapter/store_postgres/postgres_store.h"
#include "adapter/store_sqlite/sqlite_datasets.h"
#include "postgres_server.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

struct InMemory {
  store_memory::MemoryDatasets store;
  ports::DatasetStore& get() { return store; }
  void reopen() {}
};
struct InSqlite {
  testing_ground::ScratchFolder folder;
  std::unique_ptr<store_sqlite::SqliteDatasets> store = opened();
  ports::DatasetStore& get() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
  std::unique_ptr<store_sqlite::SqliteDatasets> opened() {
    auto made = store_sqlite::SqliteDatasets::open(folder / "datasets.db");
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? std::move(made).value() : nullptr;
  }
};

struct InPostgres {
  const store_postgres::Settings settings = testing_ground::PostgresServer::shared().fresh();
  std::unique_ptr<store_postgres::PostgresStore> registry;
  std::unique_ptr<store_postgres::PostgresDatasets> store;
  InPostgres() { reopen(); }
  ports::DatasetStore& get() { return *store; }
  void reopen() {
    store.reset();
    auto opened = store_postgres::PostgresStore::open(settings);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
    registry = std::move(opened).value();
    auto made = store_postgres::PostgresDatasets::open(settings, registry->peers());
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    store = std::move(made).value();
  }
};

ports::DatasetRecord record(std::string_view content) {
  ports::DatasetRecord made;
  made.digest = sha256(as_bytes(content));
  made.name = std::string(content) + ".csv";
  made.size = content.size();
  made.rows = 7;
  made.columns = {"b", "a", ""};
  made.created_at = WallTime(std::chrono::microseconds(5));
  made.created_by = "eva";
  return made;
}

template <class Store>
class DatasetStoreContract : public ::testing::Test {
 protected:
  Store held;
  ports::DatasetStore& store() { return held.get(); }
};
using Stores = ::testing::Types<InMemory, InSqlite, InPostgres>;
TYPED_TEST_SUITE(DatasetStoreContract, Stores);

TYPED_TEST(DatasetStoreContract, gives_back_what_was_added_also_when_opened_again) {
  ASSERT_TRUE(this->store().add(record("one")).ok());
  this->held.reopen();
  EXPECT_EQ(this->store().find(record("one").digest).value(), record("one"));
  EXPECT_EQ(this->store().find(record("two").digest).value(), std::nullopt);
}

TYPED_TEST(DatasetStoreContract, refuses_a_digest_that_is_there_and_keeps_the_first) {
  ASSERT_TRUE(this->store().add(record("one")).ok());
  auto other = record("one");
  other.name = "other.csv";
  const auto again = this->store().add(other);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::Conflict);
  EXPECT_EQ(this->store().find(other.digest).value()->name, "one.csv");
}

TYPED_TEST(DatasetStoreContract, lists_in_pages_in_order_of_digest) {
  for (const char* name : {"a", "b", "c", "d", "e"}) ASSERT_TRUE(this->store().add(record(name)).ok());
  std::vector<Digest> found;
  std::optional<Digest> after;
  for (;;) {
    const auto page = this->store().list(after, 2).value();
    for (const auto& one : page) found.push_back(one.digest);
    if (page.size() < 2) break;
    after = page.back().digest;
  }
  EXPECT_EQ(found.size(), 5U);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
  EXPECT_EQ(this->store().list({}, 1).value().front().columns, record("a").columns);
}

TYPED_TEST(DatasetStoreContract, forgets_what_is_removed) {
  ASSERT_TRUE(this->store().add(record("one")).ok());
  EXPECT_TRUE(this->store().remove(record("one").digest).value());
  EXPECT_FALSE(this->store().remove(record("one").digest).value());
  EXPECT_TRUE(this->store().list({}, 9).value().empty());
  EXPECT_TRUE(this->store().add(record("one")).ok());
}

}  // namespace
}  // namespace slipway::contract
