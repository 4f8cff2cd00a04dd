// What every RolloutStore must keep to.
#include "ports/rollout_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "adapter/store_memory/memory_rollouts.h"
#include "adapter/store_postgres/postgres_rollouts.h"
#include "adapter/store_sqlite/sqlite_rollouts.h"
#include "postgres_server.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using ports::RolloutDecision;
using ports::RolloutRecord;
using rollout::State;

struct InMemory {
  store_memory::MemoryRollouts store;
  ports::RolloutStore& get() { return store; }
  void reopen() {}
};
template <class Store>
std::unique_ptr<Store> taken(Result<std::unique_ptr<Store>> made) {
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
  return made.ok() ? std::move(made).value() : nullptr;
}
struct InSqlite {
  testing_ground::ScratchFolder folder;
  std::unique_ptr<store_sqlite::SqliteRollouts> store = opened();
  ports::RolloutStore& get() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
  std::unique_ptr<store_sqlite::SqliteRollouts> opened() {
    return taken(store_sqlite::SqliteRollouts::open(folder / "rollouts.db"));
  }
};
struct InPostgres {
  const store_postgres::Settings settings = testing_ground::PostgresServer::shared().fresh();
  std::unique_ptr<store_postgres::PostgresRollouts> store = opened();
  ports::RolloutStore& get() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
  std::unique_ptr<store_postgres::PostgresRollouts> opened() {
    return taken(store_postgres::PostgresRollouts::open(settings));
  }
};

WallTime at(std::int64_t micros) {
  return WallTime(WallTime::duration(micros));
}

// Every field other than its default.
RolloutRecord record(std::string_view model) {
  rollout::Rollout state{.environment = "production", .model = *model::ModelName::parse(model)};
  state.control = 3;
  state.candidates = {5, 8};
  state.state = State::Observing;
  state.position = 2;
  state.reason = "it's served ✓";
  state.paused.emplace(rollout::Pause{"ann", "lunch\nbreak"});
  state.wanted = {{{3, {9'000}}, {5, {0}}, {8, {1'000}}}, {250}};
  state.before = {{{3, model::kWhole}}, {}};
  state.late = {{{{3, {6'000}}, {5, {4'000}}, {8, {0}}}, {}}};
  state.revision = 12;
  state.dwelt = std::chrono::nanoseconds(1'234'567'891);
  state.updated = std::chrono::milliseconds(5);
  state.seen_at = at(1'700'000'000'123'456);
  state.approved = 4;
  state.frozen = {true, false};
  state.winner = 8;
  state.decisions = 1;
  state.rehearsal.emplace(rollout::Rehearsal{state.wanted, at(1'700'000'000'123'400)});
  return {.state = std::move(state),
          .plan = "preset: canary\n",
          .plan_digest = sha256(as_bytes("preset: canary\n")),
          .started_at = at(7),
          .started_by = "eva",
          .evidence = "{\"errors\": 3}",
          .curve = {{at(5), {100}, 0.25, -1.5}, {at(9), {200}, 2, 1e-9}}};
}

RolloutDecision decision(std::uint64_t number) {
  return {.number = number,
          .at = at(static_cast<std::int64_t>(number) * 1'000),
          .actor = "ann",
          .action = "set_weight",
          .state = State::Applying,
          .position = 1,
          .wanted = {{{3, {7'000}}, {5, {3'000}}}, {}},
          .reason = "weight set",
          .evidence = "{}",
          .program = "0.4.0",
          .once = sha256(as_bytes(std::to_string(number))),
          .basis = "basis of a decision, 1\n"};
}

RolloutDecision without_once() {
  RolloutDecision made = decision(1);
  made.once.reset();
  return made;
}

template <class Store>
class RolloutStoreContract : public ::testing::Test {
 protected:
  Store held;
  ports::RolloutStore& store() { return held.get(); }
  std::string put(const RolloutRecord& record, std::uint64_t expected, std::optional<RolloutDecision> with = {}) {
    if (with) with->rollout = record.number;
    const auto done = store().put(record, expected, with);
    return done.ok() ? "done" : std::string(name_of(done.error().code)) + ": " + done.error().message;
  }
  static std::vector<std::uint64_t> numbers(const Result<std::vector<ports::StoredRollout>>& found) {
    std::vector<std::uint64_t> all;
    for (const auto& each : found.value()) all.push_back(each.record.number);
    return all;
  }
};
using Stores = ::testing::Types<InMemory, InSqlite, InPostgres>;
TYPED_TEST_SUITE(RolloutStoreContract, Stores);
using Numbers = std::vector<std::uint64_t>;

TYPED_TEST(RolloutStoreContract, gives_back_what_was_added_also_when_opened_again) {
  auto expected = record("fraud");
  ASSERT_EQ(this->store().add(expected, decision(1), 0).value(), 1u);
  this->held.reopen();
  expected.number = 1;
  const auto found = this->store().rollout(1).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record, expected);
  EXPECT_EQ(found->revision, 1u);
  auto first = decision(1);
  first.rollout = 1;
  EXPECT_EQ(this->store().decisions(1, 0, 9).value(), std::vector<RolloutDecision>{first});
  EXPECT_FALSE(this->store().rollout(2).value());
}

TYPED_TEST(RolloutStoreContract, a_change_is_made_only_upon_the_revision_it_was_decided_on) {
  auto changed = record("fraud");
  changed.number = this->store().add(changed, decision(1), 0).value();
  changed.state.paused.reset();
  changed.state.winner.reset();
  changed.state.approved.reset();
  changed.state.late.reset();
  changed.state.rehearsal.reset();
  changed.curve.clear();
  EXPECT_EQ(this->put(changed, 1, decision(2)), "done");
  EXPECT_EQ(this->put(changed, 1, decision(3)),
            "Conflict: rollout 1: expected revision 1, found 2 (0: it does not exist)");
  EXPECT_EQ(this->put(changed, 2, decision(2)), "Conflict: rollout 1: decision 2 is there already");
  auto again = decision(3);
  again.once = decision(1).once;
  EXPECT_EQ(this->put(changed, 2, again),
            "Conflict: this request was applied already: it led to decision 1 of rollout 1");
  this->held.reopen();
  EXPECT_EQ(this->store().rollout(1).value()->record, changed);
  EXPECT_EQ(this->store().rollout(1).value()->revision, 2u);
  EXPECT_EQ(this->put(changed, 2), "done") << "a look without a decision";
  changed.number = 9;
  EXPECT_EQ(this->put(changed, 0), "Conflict: rollout 9: expected revision 0, found 0 (0: it does not exist)");
}

TYPED_TEST(RolloutStoreContract, lists_pages_of_all_and_the_places_of_those_that_are_open) {
  for (const char* const model : {"fraud", "churn", "wine"}) {
    ASSERT_TRUE(this->store().add(record(model), without_once(), 0).ok());
  }
  auto over = this->store().rollout(1).value()->record;
  over.state.state = State::Aborted;
  ASSERT_EQ(this->put(over, 1), "done");
  auto again = record("fraud");
  again.state.state = State::Queued;
  ASSERT_EQ(this->store().add(again, without_once(), 0).value(), 4u);
  const auto places = this->store().open_places().value();
  ASSERT_EQ(places.size(), 3u);
  EXPECT_EQ(places[0], (ports::OpenPlace{2, 1, "production", "churn", false, {3, 5, 8}}));
  EXPECT_EQ(places[2], (ports::OpenPlace{4, 1, "production", "fraud", true, {3, 5, 8}}));
  EXPECT_EQ(this->numbers(this->store().rollouts("", 0, 9)), (Numbers{4, 3, 2, 1}));
  EXPECT_EQ(this->numbers(this->store().rollouts("fraud", 0, 9)), (Numbers{4, 1}));
  EXPECT_EQ(this->numbers(this->store().rollouts("", 3, 1)), (Numbers{2}));
}

TYPED_TEST(RolloutStoreContract, lists_leave_out_what_is_long) {
  ASSERT_TRUE(this->store().add(record("fraud"), without_once(), 0).ok());
  const auto listed = this->store().rollouts("", 0, 9).value();
  ASSERT_EQ(listed.size(), 1u);
  auto expected = this->store().rollout(1).value()->record;
  EXPECT_FALSE(expected.plan.empty() || expected.evidence.empty() || expected.curve.empty());
  expected.plan.clear(), expected.evidence.clear(), expected.curve.clear();
  EXPECT_EQ(listed[0].record, expected);
  EXPECT_EQ(listed[0].revision, 1u);
}

TYPED_TEST(RolloutStoreContract, a_rollout_is_begun_only_behind_the_last_that_is_open_there) {
  ASSERT_EQ(this->store().add(record("fraud"), without_once(), 0).value(), 1u);
  const auto second = this->store().add(record("fraud"), without_once(), 0);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::Conflict);
  EXPECT_EQ(second.error().message,
            "rollouts of model \"fraud\" in production: expected 0 to be the last that is open, found 1 (0: none)");
  EXPECT_EQ(this->store().add(record("fraud"), without_once(), 1).value(), 2u);
  auto elsewhere = record("fraud");
  elsewhere.state.environment = "staging";
  EXPECT_EQ(this->store().add(elsewhere, without_once(), 0).value(), 3u);
  auto over = this->store().rollout(1).value()->record;
  over.state.state = State::Completed;
  ASSERT_EQ(this->put(over, 1), "done");
  EXPECT_EQ(this->store().add(record("fraud"), without_once(), 2).value(), 4u);
}

TYPED_TEST(RolloutStoreContract, of_many_that_begin_at_once_one_is_begun) {
  std::atomic<int> begun = 0;
  std::vector<std::thread> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.emplace_back([&] { begun += this->store().add(record("fraud"), without_once(), 0).ok() ? 1 : 0; });
  }
  for (std::thread& each : crowd) each.join();
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(this->store().open_places()->size(), 1u);
}

TYPED_TEST(RolloutStoreContract, gives_the_decisions_that_were_not_told_in_order) {
  auto first = record("fraud");
  first.number = this->store().add(first, decision(1), 0).value();
  auto other = record("churn");
  other.number = this->store().add(other, without_once(), 0).value();
  first.state.decisions = 2;
  ASSERT_EQ(this->put(first, 1, decision(2)), "done");
  const auto numbers = [&](std::size_t limit) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
    const auto untold = this->store().untold(limit).value();
    for (const auto& each : untold) {
      found.emplace_back(each.decision.rollout, each.decision.number);
      EXPECT_EQ(each.model, each.decision.rollout == 1 ? "fraud" : "churn");
      EXPECT_EQ(each.environment, "production");
      EXPECT_EQ(each.decision.evidence, "");
    }
    return found;
  };
  using Found = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  EXPECT_EQ(numbers(9), (Found{{1, 1}, {1, 2}, {2, 1}}));
  EXPECT_EQ(numbers(2), (Found{{1, 1}, {1, 2}}));
  ASSERT_TRUE(this->store().told(1, 1).ok());
  first.state.decisions = 3;
  ASSERT_EQ(this->put(first, 2, decision(3)), "done");
  this->held.reopen();
  EXPECT_EQ(numbers(9), (Found{{1, 2}, {1, 3}, {2, 1}}));
  ASSERT_TRUE(this->store().told(1, 3).ok());
  ASSERT_TRUE(this->store().told(2, 1).ok());
  EXPECT_EQ(numbers(9), Found{});
}

TYPED_TEST(RolloutStoreContract, decisions_come_newest_first_in_pages) {
  auto changed = record("fraud");
  changed.number = this->store().add(changed, decision(1), 0).value();
  for (std::uint64_t number = 2; number <= 5; ++number) {
    ASSERT_EQ(this->put(changed, number - 1, decision(number)), "done");
  }
  Numbers found;
  const auto page = this->store().decisions(1, 5, 2).value();
  for (const RolloutDecision& each : page) found.push_back(each.number);
  EXPECT_EQ(found, (Numbers{4, 3}));
}

}  // namespace
}  // namespace slipway::contract
