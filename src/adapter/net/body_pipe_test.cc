#include "adapter/net/body_pipe.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>

namespace slipway::net {
namespace {

bool push(BodyPipe& pipe, std::string_view& text) {
  const MutableByteSpan room = pipe.room(0);
  if (room.empty()) return false;
  const std::size_t count = std::min(room.size(), text.size());
  std::memcpy(room.data(), text.data(), count);
  pipe.commit(count);
  text.remove_prefix(count);
  return true;
}

TEST(BodyPipeTest, bytes_come_out_as_they_went_in_and_the_writer_is_told_of_room) {
  std::atomic<int> calls = 0;
  BodyPipe pipe(0, [&] { ++calls; });
  std::string sent;
  for (int i = 0; sent.size() < 3 * BodyPipe::kCapacity; ++i) sent += std::to_string(i);
  std::string received;
  std::thread reader([&] {
    std::array<std::byte, 7777> piece;
    for (;;) {
      const auto count = pipe.read(piece);
      ASSERT_TRUE(count);
      if (*count == 0) return;
      received.append(as_text(ByteSpan(piece).first(*count)));
    }
  });
  for (std::string_view rest = sent; !rest.empty();) {
    const int before = calls;
    if (push(pipe, rest)) continue;
    while (calls == before) std::this_thread::yield();
  }
  pipe.finish();
  reader.join();
  EXPECT_EQ(received, sent);
}

TEST(BodyPipeTest, a_failure_reaches_the_reader_at_once_and_the_first_one_stays) {
  BodyPipe pipe(0, [] {});
  std::string_view text = "unread";
  push(pipe, text);
  pipe.fail({ErrorCode::Cancelled, "left"});
  pipe.fail(internal_error("later"));
  std::array<std::byte, 8> piece;
  const auto count = pipe.read(piece);
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ErrorCode::Cancelled);
}

TEST(BodyPipeTest, what_was_finished_cannot_fail) {
  BodyPipe pipe(3, [] {});
  std::string_view text = "abc";
  push(pipe, text);
  pipe.finish();
  pipe.fail(internal_error("too late"));
  std::array<std::byte, 8> piece;
  EXPECT_EQ(pipe.read(piece).value(), 3U);
  EXPECT_EQ(pipe.read(piece).value(), 0U);
}

}  // namespace
}  // namespace slipway::net
