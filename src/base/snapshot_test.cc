#include "base/snapshot.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace slipway {
namespace {

struct Pair {
  int left;
  int right;
};
std::shared_ptr<const Pair> pair(int value) {
  return std::make_shared<const Pair>(Pair{value, value});
}

TEST(Snapshot, gives_what_was_published_last) {
  Snapshot<Pair> snapshot(pair(1));
  EXPECT_EQ(snapshot.current()->left, 1);
  snapshot.publish(pair(2));
  EXPECT_EQ(snapshot.current()->left, 2);
}

TEST(Snapshot, a_value_lives_as_long_as_somebody_holds_it) {
  auto first = pair(1);
  const std::weak_ptr<const Pair> watched = first;
  Snapshot<Pair> snapshot(std::move(first));
  const auto held = snapshot.current();
  snapshot.publish(pair(2));
  EXPECT_EQ(held->left, 1);
  EXPECT_FALSE(watched.expired());
}

TEST(Snapshot, releases_a_replaced_value_when_nobody_holds_it) {
  auto first = pair(1);
  const std::weak_ptr<const Pair> watched = first;
  Snapshot<Pair> snapshot(std::move(first));
  snapshot.publish(pair(2));
  EXPECT_TRUE(watched.expired());
}

TEST(SnapshotReader, sees_a_change_at_its_next_refresh) {
  Snapshot<Pair> snapshot(pair(1));
  Snapshot<Pair>::Reader reader(snapshot);
  EXPECT_EQ(reader.refresh().left, 1);
  snapshot.publish(pair(2));
  EXPECT_EQ(reader.pointer()->left, 1);
  EXPECT_EQ(reader.refresh().left, 2);
}

TEST(Snapshot, readers_never_see_half_a_value_nor_go_back_in_time) {
  Snapshot<Pair> snapshot(pair(0));
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      Snapshot<Pair>::Reader reader(snapshot);
      int last = 0;
      while (!done) {
        const Pair& now = reader.refresh();
        ASSERT_EQ(now.left, now.right);
        ASSERT_GE(now.left, last);
        last = now.left;
      }
    });
  }
  for (int i = 1; i <= 2000; ++i) snapshot.publish(pair(i));
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace slipway
