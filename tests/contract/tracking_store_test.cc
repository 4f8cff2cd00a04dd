// What every TrackingStore must keep to.
#include "ports/tracking_store.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "adapter/store_memory/memory_tracking.h"
#include "adapter/store_postgres/postgres_tracking.h"
#include "adapter/store_sqlite/sqlite_tracking.h"
#include "postgres_server.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using ports::AddMetric;
using ports::PutEntry;
using ports::PutFile;
using ports::RemoveFile;
using ports::RemoveTag;
using ports::SetParameter;
using ports::SetTag;
using training::Entry;
using training::EntryKey;
using training::File;
using training::Kind;
using training::Metric;
using training::State;

struct InMemory {
  static constexpr bool kDurable = false;
  store_memory::MemoryTracking store;
  ports::TrackingStore& get() { return store; }
  void reopen() {}
};
struct InSqlite {
  static constexpr bool kDurable = true;
  testing_ground::ScratchFolder folder;
  std::unique_ptr<store_sqlite::SqliteTracking> store = opened();
  ports::TrackingStore& get() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
  std::unique_ptr<store_sqlite::SqliteTracking> opened() {
    auto made = store_sqlite::SqliteTracking::open(folder / "tracking.db");
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? std::move(made).value() : nullptr;
  }
};
struct InPostgres {
  static constexpr bool kDurable = true;
  const store_postgres::Settings settings = testing_ground::PostgresServer::shared().fresh();
  std::unique_ptr<store_postgres::PostgresTracking> store = opened();
  ports::TrackingStore& get() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
  std::unique_ptr<store_postgres::PostgresTracking> opened() {
    auto made = store_postgres::PostgresTracking::open(settings);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? std::move(made).value() : nullptr;
  }
};

const EntryKey kRun{Kind::Run, std::string(32, 'a')};

Entry experiment(std::string_view id, std::string_view name) {
  Entry entry;
  entry.key = {Kind::Experiment, std::string(id)};
  entry.experiment = id;
  entry.name = name;
  entry.started = entry.changed = 5;
  return entry;
}
Entry run(char digit = 'a', std::string_view of = "1") {
  Entry entry;
  entry.key = {Kind::Run, std::string(32, digit)};
  entry.experiment = of;
  entry.name = "first";
  entry.owner = "eva";
  entry.state = State::Running;
  entry.started = 7;
  entry.changed = 8;
  return entry;
}
Metric metric(double value, std::int64_t timestamp = 0, std::int64_t step = 0) {
  return {.key = "loss", .value = value, .timestamp = timestamp, .step = step};
}
File file(std::string_view path, std::string_view content) {
  return {.path = std::string(path), .size = content.size(), .digest = sha256(as_bytes(content)), .put_by = "eva"};
}

template <class Maker>
class TrackingStoreContract : public testing::Test {
 protected:
  void committed(const std::vector<ports::TrackingChange>& changes) {
    const auto done = maker_.get().commit(changes);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  ErrorCode refused(const std::vector<ports::TrackingChange>& changes) {
    const auto done = maker_.get().commit(changes);
    EXPECT_FALSE(done.ok());
    return done.ok() ? ErrorCode::Internal : done.error().code;
  }
  Entry entry(const EntryKey& key = kRun) {
    auto found = maker_.get().entry(key);
    EXPECT_TRUE(found.ok() && *found);
    return found.ok() && *found ? (*found)->entry : Entry{};
  }
  std::vector<std::string> ids(Kind kind, std::string_view of, std::uint64_t after, std::size_t limit) {
    std::vector<std::string> found;
    const auto page = maker_.get().entries(kind, of, after, limit).value();
    for (const auto& stored : page) found.push_back(stored.entry.key.id);
    return found;
  }
  Maker maker_;
};

using Makers = testing::Types<InMemory, InSqlite, InPostgres>;
TYPED_TEST_SUITE(TrackingStoreContract, Makers);

TYPED_TEST(TrackingStoreContract, an_entry_comes_back_as_it_was_put_also_after_a_restart) {
  Entry written = run();
  written.ended = 9;
  written.removed = true;
  written.source_run = "s";
  written.type = "t";
  this->committed({PutEntry{written}, SetTag{kRun, "k", "ü\n"}, SetParameter{kRun, "depth", "3"},
                   AddMetric{kRun, metric(0.5, 1, 2)}});
  if (TypeParam::kDurable) this->maker_.reopen();
  written.tags = {{"k", "ü\n"}};
  written.parameters = {{"depth", "3"}};
  written.metrics = {{"loss", metric(0.5, 1, 2)}};
  EXPECT_EQ(this->entry(), written);
}

TYPED_TEST(TrackingStoreContract, what_is_not_there_is_none) {
  auto& store = this->maker_.get();
  EXPECT_FALSE(store.entry(kRun).value());
  EXPECT_FALSE(store.experiment_named("x").value());
  EXPECT_FALSE(store.file(kRun, "x").value());
  EXPECT_TRUE(store.files(kRun, "", "", 9).value().empty());
  EXPECT_TRUE(store.history(kRun, "x", 0, 9).value().empty());
}

TYPED_TEST(TrackingStoreContract, a_revision_that_is_not_the_expected_one_is_a_conflict) {
  this->committed({PutEntry{run()}});
  EXPECT_EQ(this->refused({PutEntry{run()}}), ErrorCode::Conflict);
  EXPECT_EQ(this->refused({PutEntry{run(), 2}}), ErrorCode::Conflict);
  this->committed({PutEntry{run(), 1}});
  EXPECT_EQ(this->maker_.get().entry(kRun).value()->revision, 2U);
  EXPECT_EQ(this->refused({PutEntry{run('b'), 1}}), ErrorCode::Conflict);
}

TYPED_TEST(TrackingStoreContract, replacing_an_entry_leaves_what_was_logged) {
  this->committed({PutEntry{run()}, SetTag{kRun, "k", "v"}, SetParameter{kRun, "p", "1"}, AddMetric{kRun, metric(1)}});
  Entry ended = run();
  ended.state = State::Finished;
  this->committed({PutEntry{ended, 1}});
  EXPECT_EQ(this->entry().tags.size() + this->entry().parameters.size() + this->entry().metrics.size(), 3U);
  EXPECT_EQ(this->entry().state, State::Finished);
}

TYPED_TEST(TrackingStoreContract, two_experiments_never_share_a_name) {
  this->committed({PutEntry{experiment("1", "a")}, PutEntry{experiment("2", "b")}});
  EXPECT_EQ(this->refused({PutEntry{experiment("3", "a")}}), ErrorCode::Conflict);
  EXPECT_EQ(this->refused({PutEntry{experiment("2", "a"), 1}}), ErrorCode::Conflict);
  this->committed({PutEntry{experiment("2", "c"), 1}});
  EXPECT_EQ(this->maker_.get().experiment_named("c").value()->entry.key.id, "2");
  EXPECT_FALSE(this->maker_.get().experiment_named("b").value());
}

TYPED_TEST(TrackingStoreContract, a_failed_commit_changes_nothing) {
  this->committed({PutEntry{run()}});
  EXPECT_EQ(this->refused({SetTag{kRun, "k", "v"}, PutEntry{run()}}), ErrorCode::Conflict);
  EXPECT_EQ(this->refused({SetTag{kRun, "k", "v"}, SetTag{{Kind::Run, "none"}, "k", "v"}}), ErrorCode::NotFound);
  EXPECT_TRUE(this->entry().tags.empty());
}

TYPED_TEST(TrackingStoreContract, a_parameter_keeps_its_first_value) {
  this->committed({PutEntry{run()}, SetParameter{kRun, "p", "1"}});
  this->committed({SetParameter{kRun, "p", "1"}});
  EXPECT_EQ(this->refused({SetParameter{kRun, "p", "2"}}), ErrorCode::Conflict);
  EXPECT_EQ(this->entry().parameters.at("p"), "1");
}

TYPED_TEST(TrackingStoreContract, tags_are_replaced_and_removed) {
  this->committed({PutEntry{run()}, SetTag{kRun, "k", "1"}, SetTag{kRun, "k", "2"}, SetTag{kRun, "l", "3"}});
  this->committed({RemoveTag{kRun, "l"}, RemoveTag{kRun, "never"}});
  EXPECT_EQ(this->entry().tags, (std::map<std::string, std::string>{{"k", "2"}}));
}

TYPED_TEST(TrackingStoreContract, the_history_has_every_point_once_and_in_order) {
  this->committed({PutEntry{run()}, AddMetric{kRun, metric(3, 2, 1)}, AddMetric{kRun, metric(1, 1, 9)},
                   AddMetric{kRun, metric(3, 2, 1)}, AddMetric{kRun, metric(2, 3, 0)}});
  auto& store = this->maker_.get();
  const std::vector<Metric> all = {metric(1, 1, 9), metric(3, 2, 1), metric(2, 3, 0)};
  EXPECT_EQ(store.history(kRun, "loss", 0, 9).value(), all);
  EXPECT_EQ(store.history(kRun, "loss", 1, 1).value(), std::vector<Metric>{all[1]});
  EXPECT_EQ(this->entry().metrics.at("loss"), metric(1, 1, 9));
}

TYPED_TEST(TrackingStoreContract, every_double_is_kept_to_the_bit) {
  using Limits = std::numeric_limits<double>;
  this->committed({PutEntry{run()}});
  std::int64_t step = 0;
  for (const double value : {Limits::quiet_NaN(), Limits::infinity(), -0.0, Limits::denorm_min(), 0.1, Limits::max()}) {
    this->committed({AddMetric{kRun, metric(value, 0, ++step)}});
    EXPECT_EQ(this->entry().metrics.at("loss"), metric(value, 0, step)) << value;
  }
}

TYPED_TEST(TrackingStoreContract, entries_come_in_pages_by_kind_and_experiment) {
  this->committed({PutEntry{experiment("1", "a")}, PutEntry{run('c')}, PutEntry{run('a', "2")}, PutEntry{run('b')},
                   SetTag{kRun, "k", "v"}});
  const std::string a(32, 'a'), b(32, 'b'), c(32, 'c');
  EXPECT_EQ(this->ids(Kind::Run, "", 0, 9), (std::vector<std::string>{c, a, b}));
  EXPECT_EQ(this->ids(Kind::Run, "1", 0, 9), (std::vector<std::string>{c, b}));
  EXPECT_EQ(this->ids(Kind::Run, "", 0, 2), (std::vector<std::string>{c, a}));
  const auto first = this->maker_.get().entries(Kind::Run, "", 0, 2).value();
  EXPECT_EQ(this->ids(Kind::Run, "", first.back().sequence, 2), std::vector<std::string>{b});
  EXPECT_EQ(first.back().entry.tags.size(), 1U);
  EXPECT_TRUE(first.front().entry.tags.empty());
}

TYPED_TEST(TrackingStoreContract, files_are_found_by_path_and_prefix) {
  this->committed({PutEntry{run()}, PutFile{kRun, file("model/b", "2")}, PutFile{kRun, file("model/a", "1")},
                   PutFile{kRun, file("models", "3")}, PutFile{kRun, file("a%_", "4")}});
  auto& store = this->maker_.get();
  EXPECT_EQ(store.file(kRun, "model/b").value(), file("model/b", "2"));
  EXPECT_FALSE(store.file(kRun, "model").value());
  EXPECT_EQ(store.files(kRun, "model/", "", 9).value(),
            (std::vector<File>{file("model/a", "1"), file("model/b", "2")}));
  EXPECT_EQ(store.files(kRun, "model/", "model/a", 9).value(), std::vector<File>{file("model/b", "2")});
  EXPECT_EQ(store.files(kRun, "", "", 2).value().size(), 2U);
  EXPECT_TRUE(store.files(kRun, "%", "", 9).value().empty());
}

TYPED_TEST(TrackingStoreContract, a_file_is_replaced_and_removed_and_only_what_is_there_is_in_use) {
  this->committed({PutEntry{run()}, PutFile{kRun, file("a", "old")}, PutFile{kRun, file("b", "gone")}});
  this->committed({PutFile{kRun, file("a", "new")}, RemoveFile{kRun, "b"}, RemoveFile{kRun, "never"}});
  EXPECT_EQ(this->maker_.get().file(kRun, "a").value(), file("a", "new"));
  EXPECT_EQ(this->maker_.get().digests().value(), std::vector<Digest>{sha256(as_bytes("new"))});
}

TEST(TrackingStoreDefects, a_database_of_a_newer_program_is_refused) {
  const testing_ground::ScratchFolder folder;
  ASSERT_TRUE(store_sqlite::SqliteTracking::open(folder / "tracking.db").ok());
  auto connection =
      store_sqlite::Connection::open(folder / "tracking.db", store_sqlite::Connection::Use::Write).value();
  ASSERT_TRUE(connection.execute("PRAGMA user_version = 99").ok());
  const auto newer = store_sqlite::SqliteTracking::open(folder / "tracking.db");
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code, ErrorCode::InvalidInput);
}

}  // namespace
}  // namespace slipway::contract
