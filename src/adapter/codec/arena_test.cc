#include "adapter/codec/arena.h"

#include <gtest/gtest.h>

namespace slipway::codec {
namespace {

TEST(Arena, pieces_are_aligned_and_do_not_overlap) {
  Arena arena;
  const MutableByteSpan a = arena.allocate(3);
  const MutableByteSpan b = arena.allocate(10'000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.data()) % Arena::kAlignment, 0U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.data()) % Arena::kAlignment, 0U);
  std::ranges::fill(a, std::byte{1});
  std::ranges::fill(b, std::byte{2});
  EXPECT_EQ(a[2], std::byte{1});
}

TEST(Arena, a_steady_stream_asks_the_system_for_memory_once) {
  Arena arena;
  for (int i = 0; i < 3; ++i) {
    for (int piece = 0; piece < 100; ++piece) arena.allocate(1000);
    arena.reset();
  }
  const Bytes held = arena.held();
  for (int piece = 0; piece < 40; ++piece) arena.allocate(1000);
  EXPECT_EQ(arena.held(), held);
}

TEST(Arena, gives_back_what_a_rare_large_request_needed) {
  Arena arena(kibibytes(64));
  arena.allocate(mebibytes(8).count);
  EXPECT_GE(arena.held(), mebibytes(8));
  arena.reset();
  EXPECT_LE(arena.held(), kibibytes(64));
}

TEST(Arena, shrinking_the_newest_piece_makes_room_and_an_older_one_stays) {
  Arena arena;
  const MutableByteSpan piece = arena.allocate(1024);
  arena.shrink(piece, 64);
  const MutableByteSpan next = arena.allocate(64);
  EXPECT_EQ(next.data(), piece.data() + 64);
  arena.shrink(piece, 0);
  EXPECT_EQ(arena.allocate(64).data(), next.data() + 64);
}

}  // namespace
}  // namespace slipway::codec
