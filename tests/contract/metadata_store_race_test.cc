// Compare-and-set under contention: of writers that read the same revision exactly one comes through.
#include <atomic>
#include <thread>

#include "metadata_stores.h"

namespace slipway::contract {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 25;

template <class Maker>
class MetadataStoreRaces : public ::testing::Test {
 protected:
  template <class Work>
  void in_threads(Work work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }
  ports::MetadataStore& store() { return maker_.get(); }
  Maker maker_;
};

using Makers = ::testing::Types<MemoryMaker, SqliteMaker, PostgresMaker>;
TYPED_TEST_SUITE(MetadataStoreRaces, Makers);

TYPED_TEST(MetadataStoreRaces, no_increment_is_lost) {
  ASSERT_TRUE(this->store().commit({{model_record("counter"), 0}}, {}).ok());
  this->in_threads([&](int) {
    for (int done = 0; done < kRounds;) {
      auto stored = *this->store().model(name("counter")).value();
      ++stored.record.last_version;
      const auto committed = this->store().commit({{stored.record, stored.revision}}, {event("counter", "increment")});
      if (committed.ok()) {
        ++done;
      } else {
        ASSERT_EQ(committed.error().code, ErrorCode::Conflict) << committed.error().message;
      }
    }
  });
  const auto found = *this->store().model(name("counter")).value();
  EXPECT_EQ(found.record.last_version, std::uint64_t{kThreads * kRounds});
  EXPECT_EQ(this->store().history("counter", 0, 1000).value().size(), std::size_t{kThreads * kRounds});
}

TYPED_TEST(MetadataStoreRaces, one_of_many_creators_wins) {
  std::atomic<int> winners = 0;
  this->in_threads([&](int i) {
    const auto number = static_cast<model::VersionNumber>(i + 1);
    if (this->store().commit({{ports::AliasRecord{name("fraud"), alias("champion"), number}, 0}}, {}).ok()) ++winners;
  });
  EXPECT_EQ(winners, 1);
}

TYPED_TEST(MetadataStoreRaces, readers_never_see_half_a_transaction) {
  // Both records always change together; a reader of one call must find versions 1 and 2 equally often changed.
  ASSERT_TRUE(this->store().commit({{version_record("pair", 1), 0}, {version_record("pair", 2), 0}}, {}).ok());
  this->in_threads([&](int i) {
    for (int round = 0; round < kRounds; ++round) {
      const auto both = this->store().versions(name("pair")).value();
      ASSERT_EQ(both.size(), 2U);
      EXPECT_EQ(both[0].revision, both[1].revision);
      if (i % 2 != 0) continue;
      static_cast<void>(
          this->store().commit({{both[0].record, both[0].revision}, {both[1].record, both[1].revision}}, {}));
    }
  });
}

}  // namespace
}  // namespace slipway::contract
