#include "adapter/net/http2_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace slipway::net {
namespace {

TEST(Http2MemoryTest, a_block_given_back_is_the_next_of_its_size) {
  Http2Memory memory;
  void* first = memory.take(100);
  memory.give_back(first);
  EXPECT_EQ(memory.take(128), first);
  memory.give_back(first);
}

TEST(Http2MemoryTest, a_block_that_grows_keeps_its_bytes) {
  Http2Memory memory;
  void* block = memory.take(10);
  std::memcpy(block, "123456789", 10);
  for (const std::size_t size : {64UL, 65UL, 1024UL, 1025UL, 100'000UL}) block = memory.resize(block, size);
  EXPECT_STREQ(static_cast<char*>(block), "123456789");
  memory.give_back(block);
}

TEST(Http2MemoryTest, blocks_of_every_size_hold_what_was_asked) {
  Http2Memory memory;
  std::vector<void*> blocks;
  for (std::size_t size = 0; size < 3000; size += 7) {
    blocks.push_back(memory.take(size));
    std::memset(blocks.back(), 0x5A, size);
  }
  for (void* block : blocks) memory.give_back(block);
}

}  // namespace
}  // namespace slipway::net
