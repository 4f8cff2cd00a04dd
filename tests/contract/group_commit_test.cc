// Writers that come while another writes share one transaction of SQLite, each with its own outcome.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <thread>

#include "failing_disk.h"
#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// A first writer is held in its fsync while the others come.
class GroupCommitOf : public ::testing::Test {
 protected:
  ~GroupCommitOf() override { join(); }

  void write(ports::Record record, std::uint64_t expected = 0) {
    outcomes_.push_back(std::make_unique<std::string>());
    threads_.emplace_back([this, record = std::move(record), expected, out = outcomes_.back().get()] {
      const auto done = store->commit({{record, expected}}, {event("fraud", "push")});
      *out = done.ok() ? "committed" : std::string(name_of(done.error().code)) + ": " + done.error().message;
    });
  }
  void given_a_writer_in_its_fsync() {
    const int before = disk.syncs();
    disk.hold_syncs();
    write(model_record("first"));
    while (disk.syncs() == before) std::this_thread::yield();
  }
  void when_all_wait(std::size_t count) {
    while (store->waiting() < count) std::this_thread::yield();
  }
  std::vector<std::string> outcomes() {
    join();
    std::vector<std::string> all;
    for (const auto& outcome : outcomes_) all.push_back(*outcome);
    return all;
  }

  testing_ground::ScratchFolder folder;
  FailingDisk disk;
  std::unique_ptr<store_sqlite::SqliteStore> store = store_sqlite::SqliteStore::open(folder / "registry.db").value();

 private:
  void join() {
    disk.release_syncs();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  std::vector<std::thread> threads_;
  std::vector<std::unique_ptr<std::string>> outcomes_;
};

TEST_F(GroupCommitOf, those_who_wait_share_one_fsync) {
  given_a_writer_in_its_fsync();
  const int before = disk.syncs();
  for (int i = 0; i < 20; ++i) write(model_record("model " + std::to_string(i)));
  when_all_wait(20);
  for (const std::string& outcome : outcomes()) EXPECT_EQ(outcome, "committed");
  EXPECT_EQ(disk.syncs(), before + 1);
  EXPECT_EQ(store->models("", 100).value().size(), 21U);
  EXPECT_EQ(store->history("", 0, 100).value().front().sequence, 21U);
}

TEST_F(GroupCommitOf, one_that_is_refused_leaves_the_others_as_they_are) {
  given_a_writer_in_its_fsync();
  write(model_record("fraud", 7), 3);
  write(model_record("wine"));
  write(model_record("beer"));
  when_all_wait(3);
  EXPECT_THAT(outcomes(), UnorderedElementsAre("committed", HasSubstr("Conflict: model \"fraud\": expected revision 3"),
                                               "committed", "committed"));
  EXPECT_FALSE(store->model(name("fraud")).value());
  EXPECT_EQ(store->history("", 0, 100).value().size(), 3U);
}

TEST_F(GroupCommitOf, the_chain_of_events_holds_where_one_is_refused) {
  given_a_writer_in_its_fsync();
  write(model_record("wine"));
  write(model_record("fraud", 7), 3);
  write(model_record("beer"));
  when_all_wait(3);
  outcomes();
  const auto trail = store->trail(0, 100).value();
  ASSERT_EQ(trail.size(), 3U);
  Digest previous;
  for (std::size_t i = 0; i < trail.size(); ++i) {
    EXPECT_EQ(trail[i].sequence, i + 1);
    EXPECT_EQ(trail[i].hash, model::chained(trail[i], previous));
    previous = trail[i].hash;
  }
}

TEST_F(GroupCommitOf, of_two_that_create_the_same_one_comes_through) {
  given_a_writer_in_its_fsync();
  write(ports::AliasRecord{name("fraud"), alias("champion"), 1});
  write(ports::AliasRecord{name("fraud"), alias("champion"), 2});
  when_all_wait(2);
  EXPECT_THAT(outcomes(), UnorderedElementsAre("committed", "committed", HasSubstr("Conflict")));
  EXPECT_EQ(store->aliases(name("fraud")).value().size(), 1U);
}

TEST_F(GroupCommitOf, a_failed_fsync_is_told_to_all_and_nothing_of_them_is_there) {
  given_a_writer_in_its_fsync();
  write(model_record("wine"));
  write(model_record("fraud", 7), 3);
  when_all_wait(2);
  disk.fail_syncs();
  for (const std::string& outcome : outcomes()) EXPECT_THAT(outcome, HasSubstr("Unavailable"));
  disk.heal();
  EXPECT_THAT(store->models("", 100).value(), ::testing::IsEmpty());
}

TEST_F(GroupCommitOf, a_disk_full_for_one_of_them_is_told_to_each_and_the_next_write_comes_through) {
  given_a_writer_in_its_fsync();
  write(model_record("wine"));
  write(model_record("beer"));
  when_all_wait(2);
  disk.fail_writes(SQLITE_FULL);
  EXPECT_THAT(outcomes(), UnorderedElementsAre("committed", HasSubstr("no space left"), HasSubstr("no space left")));
  disk.heal();
  write(model_record("wine"));
  EXPECT_EQ(outcomes().back(), "committed");
}

}  // namespace
}  // namespace slipway::contract
