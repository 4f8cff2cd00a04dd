#include "service/registry/audit_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/store_memory/memory_store.h"

namespace slipway::registry {
namespace {

using testing::ElementsAre;

// Takes no heads for a while, as a database on a full disk, or keeps one and says that it did not.
class MoodyStore final : public store_memory::MemoryStore {
 public:
  Result<void> commit(const std::vector<ports::Change>& changes, const std::vector<model::Event>& events) override {
    if (changes.empty() || mood == Mood::Takes) return MemoryStore::commit(changes, events);
    if (mood == Mood::TakesAndDenies) {
      EXPECT_TRUE(MemoryStore::commit(changes, events).ok());
    }
    return unavailable("disk");
  }

  enum class Mood : unsigned char { Takes, Refuses, TakesAndDenies };
  Mood mood = Mood::Takes;
};

class Signing : public testing::Test {
 protected:
  void happen(int events) {
    for (int i = 0; i < events; ++i) ASSERT_TRUE(store.commit({}, {{.at = clock.wall_now(), .action = "push"}}).ok());
  }
  void pass(Duration time) {
    clock.advance(time);
    signer.tick();
  }
  std::vector<std::uint64_t> signed_events() {
    std::vector<std::uint64_t> sequences;
    const auto heads = store.heads(0, 100).value();
    for (const auto& head : heads) {
      EXPECT_TRUE(is_genuine(head));
      EXPECT_EQ(head.hash, store.trail(head.sequence - 1, 1).value().front().hash);
      sequences.push_back(head.sequence);
    }
    return sequences;
  }

  using Mood = MoodyStore::Mood;
  MoodyStore store;
  ManualClock clock;
  Refusals refusals;
  Log log{{.level = LogLevel::Off}};
  Ed25519PrivateKey key = Ed25519PrivateKey::generate();
  std::vector<model::AuditHead> published;
  Result<void> publishing;
  bool may_sign = true;  // one of several servers at a time
  AuditSigner signer{{store, refusals, clock, log, key,
                      [this](const model::AuditHead& head) {
                        if (publishing.ok()) published.push_back(head);
                        return publishing;
                      },
                      [this] { return may_sign; }}};
};

TEST_F(Signing, what_it_finds_unsigned_is_signed_at_once_and_nothing_twice) {
  happen(3);
  for (int i = 0; i < 200; ++i) pass(std::chrono::seconds(1));
  EXPECT_THAT(signed_events(), ElementsAre(3));
  EXPECT_EQ(published.size(), 1U);
  EXPECT_EQ(published[0].key, key.public_key());
}

TEST_F(Signing, a_minute_after_the_first_unsigned_event_there_is_a_head) {
  happen(1);
  pass(std::chrono::seconds(300));
  happen(1);
  pass(std::chrono::seconds(59));
  EXPECT_THAT(signed_events(), ElementsAre(1));
  pass(std::chrono::seconds(1));
  EXPECT_THAT(signed_events(), ElementsAre(1, 2));
}

TEST_F(Signing, a_thousand_events_are_not_left_waiting_for_the_minute) {
  happen(1);
  pass(std::chrono::seconds(1));
  happen(999);
  pass(std::chrono::seconds(1));
  EXPECT_THAT(signed_events(), ElementsAre(1));
  happen(1);
  pass(std::chrono::seconds(1));
  EXPECT_THAT(signed_events(), ElementsAre(1, 1001));
}

TEST_F(Signing, at_the_end_everything_is_signed) {
  happen(2);
  signer.seal();
  happen(1);
  refusals.note({"ci", "", "GET /", "no"}, clock.wall_now());
  signer.seal();
  signer.seal();
  EXPECT_THAT(signed_events(), ElementsAre(2, 4));
}

TEST_F(Signing, what_another_server_signs_is_left_to_it_until_it_has_died) {
  may_sign = false;
  happen(1);
  refusals.note({"ci", "", "GET /", "no"}, clock.wall_now());
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(signed_events().empty());
  EXPECT_EQ(store.history("", 0, 10).value().size(), 2U);  // refused attempts are each server's own to write
  may_sign = true;
  pass(std::chrono::seconds(1));
  EXPECT_THAT(signed_events(), ElementsAre(2));
}

TEST_F(Signing, a_head_that_cannot_be_kept_outside_is_made_again) {
  publishing = unavailable("disk");
  happen(1);
  pass(std::chrono::seconds(1));
  EXPECT_TRUE(signed_events().empty());
  publishing = {};
  pass(std::chrono::seconds(1));
  EXPECT_THAT(signed_events(), ElementsAre(1));
}

TEST_F(Signing, a_head_that_the_store_refuses_is_kept_outside_once) {
  store.mood = Mood::Refuses;
  happen(1);
  for (int i = 0; i < 100; ++i) {
    pass(std::chrono::seconds(1));
    happen(1);
  }
  signer.seal();
  EXPECT_TRUE(signed_events().empty());
  EXPECT_EQ(published.size(), 1U);
  store.mood = Mood::Takes;
  signer.seal();
  EXPECT_THAT(signed_events(), ElementsAre(1, 101));
  ASSERT_EQ(published.size(), 2U);
  EXPECT_EQ(published[0].signature, store.heads(0, 1).value().front().signature);
}

TEST_F(Signing, a_head_that_the_store_has_already_is_not_made_again) {
  store.mood = Mood::TakesAndDenies;
  happen(1);
  pass(std::chrono::seconds(1));
  store.mood = Mood::Takes;
  for (int i = 0; i < 100; ++i) pass(std::chrono::seconds(1));
  EXPECT_THAT(signed_events(), ElementsAre(1));
  EXPECT_EQ(published.size(), 1U);
}

TEST_F(Signing, refused_attempts_come_into_the_history) {
  refusals.note({"ci", "fraud", "PUT /api/v1/serving/fraud", "no"}, clock.wall_now());
  pass(std::chrono::seconds(1));
  EXPECT_EQ(store.history("fraud", 0, 1).value().front().action, "refuse");
}

}  // namespace
}  // namespace slipway::registry
