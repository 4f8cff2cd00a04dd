#include "adapter/net/body_buffer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "adapter/net/exchange.h"

namespace slipway::net {
namespace {

std::size_t fill(BodyBuffer& buffer, std::size_t wanted) {
  std::size_t filled = 0;
  while (filled < wanted) {
    const MutableByteSpan room = buffer.room(wanted - filled);
    if (room.empty()) break;
    const std::size_t count = std::min(room.size(), wanted - filled);
    std::memset(room.data(), 'x', count);
    buffer.commit(count);
    filled += count;
  }
  return filled;
}

TEST(BodyBufferTest, announcing_a_large_body_draws_nothing_until_it_comes) {
  const auto budget = std::make_shared<MemoryBudget>(mebibytes(1));
  BodyBuffer buffer(budget);
  buffer.begin(mebibytes(32).count, mebibytes(32).count);
  EXPECT_EQ(budget->left(), 1 << 20);
  EXPECT_EQ(fill(buffer, 1), 1U);
  EXPECT_LT(budget->left(), 1 << 20);
}

TEST(BodyBufferTest, an_exhausted_budget_leaves_no_room_until_something_is_given_back) {
  const auto budget = std::make_shared<MemoryBudget>(mebibytes(1));
  BodyBuffer first(budget), second(budget);
  first.begin(0, mebibytes(4).count);
  second.begin(0, mebibytes(4).count);
  EXPECT_EQ(fill(first, 2 << 20), 1U << 20);
  EXPECT_EQ(fill(second, 1 << 20), BodyBuffer::kAlways) << "what is small passes";
  EXPECT_EQ(fill(second, 1), 0U);
  first.clear();
  EXPECT_EQ(budget->left(), (1 << 20) - static_cast<std::int64_t>(BodyBuffer::kAlways));
  EXPECT_EQ(fill(second, 100'000), 100'000U);
}

// A peer that sends one byte of a large body must not hold more than that of what all share.
TEST(BodyBufferTest, a_body_draws_what_has_come_of_it) {
  const auto budget = std::make_shared<MemoryBudget>(mebibytes(1));
  BodyBuffer buffer(budget);
  buffer.begin(mebibytes(32).count, mebibytes(32).count);
  fill(buffer, 3);
  EXPECT_EQ(budget->left(), (1 << 20) - 3);
  BodyBuffer moved(std::move(buffer));
  EXPECT_EQ(as_text(moved.padded()), "xxx");
  buffer.clear();
  EXPECT_EQ(budget->left(), (1 << 20) - 3);
  moved.clear();
  EXPECT_EQ(budget->left(), 1 << 20);
}

TEST(BodyBufferTest, zeros_follow_the_body) {
  const auto budget = std::make_shared<MemoryBudget>(mebibytes(1));
  BodyBuffer buffer(budget);
  buffer.begin(100, 100);
  fill(buffer, 100);
  const ByteSpan body = buffer.padded();
  ASSERT_EQ(body.size(), 100U);
  for (std::size_t i = 0; i < kBodyPadding; ++i) EXPECT_EQ(body.data()[100 + i], std::byte{0});
}

TEST(BodyBufferTest, a_pooled_buffer_keeps_its_memory_and_draws_none_of_it) {
  const auto budget = std::make_shared<MemoryBudget>(mebibytes(1));
  BodyBuffer buffer(budget, 4096);
  buffer.begin(0, 100'000);
  fill(buffer, 100);
  const std::byte* first = buffer.padded().data();
  buffer.clear();
  EXPECT_EQ(budget->left(), 1 << 20);
  buffer.begin(0, 100'000);
  fill(buffer, 4000);
  EXPECT_EQ(buffer.padded().data(), first);
  EXPECT_EQ(fill(buffer, 100'000), 96'001U);  // the body's limit, and the byte that shows it is broken
  buffer.clear();
  buffer.begin(10, 10);
  EXPECT_EQ(fill(buffer, 100), 11U);
}

}  // namespace
}  // namespace slipway::net
