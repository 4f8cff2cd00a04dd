// Answers whose content is read while it is sent: whole, cut, slow, left alone; by HTTP/1.1 and HTTP/2.
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "http2_fixture.h"

namespace slipway::wire {
namespace {

using testing::SizeIs;

constexpr std::uint64_t kLarge = 3'000'000;

// As many bytes as it says, unless it fails before.
class Letters final : public ports::Content {
 public:
  Letters(std::uint64_t size, std::uint64_t fails_at, std::atomic<int>& open)
      : size_(size), fails_at_(fails_at), open_(open) {
    ++open_;
  }
  ~Letters() override { --open_; }
  static char at(std::uint64_t place) { return static_cast<char>('a' + place * 7 % 26); }

  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(MutableByteSpan into) override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - given_));
    if (given_ + count > fails_at_) return unavailable("the disk is gone");
    for (std::size_t i = 0; i < count; ++i) into[i] = static_cast<std::byte>(at(given_ + i));
    given_ += count;
    return count;
  }

 private:
  const std::uint64_t size_, fails_at_;
  std::atomic<int>& open_;
  std::uint64_t given_ = 0;
};

class ContentTest : public Http2Test {
 protected:
  ~ContentTest() override { stop(); }
  std::vector<net::Route> routes() override {
    std::vector<net::Route> all = Http2Test::routes();
    const auto add = [&](std::string path, std::uint64_t size, std::uint64_t fails_at) {
      const net::BlockingHandler handler = [this, size, fails_at](net::BlockingRequest&) {
        net::Reply reply;
        reply.content_type = "text/plain";
        reply.headers = {{"X-More", "yes"}};
        reply.content = std::make_shared<Letters>(size, fails_at, open_);
        return reply;
      };
      all.emplace_back(net::Method::Get, std::move(path), access::Permission::Predict, handler, kibibytes(64),
                       net::Work::Long);
    };
    add("/large", kLarge, UINT64_MAX);
    add("/short", 10, UINT64_MAX);
    add("/empty", 0, UINT64_MAX);
    add("/broken", kLarge, kLarge / 2);
    add("/endless", 1ULL << 40, UINT64_MAX);
    return all;
  }
  static std::string letters(std::uint64_t size) {
    std::string text(size, '\0');
    for (std::uint64_t i = 0; i < size; ++i) text[i] = Letters::at(i);
    return text;
  }
  void wait_until_closed() {
    while (open_ != 0) std::this_thread::yield();
  }
  std::atomic<int> open_ = 0;
};

TEST_F(ContentTest, comes_whole_with_its_length_and_the_connection_goes_on) {
  start();
  RawClient client(address());
  client.send(WireTest::get("/large") + WireTest::get("/short") + WireTest::get("/empty"));
  const auto large = client.receive();
  ASSERT_TRUE(large);
  EXPECT_EQ(large->header("content-length"), std::to_string(kLarge));
  EXPECT_EQ(large->header("x-more"), "yes");
  EXPECT_EQ(large->body, letters(kLarge));
  EXPECT_EQ(client.receive()->body, letters(10));
  EXPECT_EQ(client.receive()->header("content-length"), "0");
  EXPECT_EQ(client.send(WireTest::get("/hello")).receive()->body, "hello");
  wait_until_closed();
}

TEST_F(ContentTest, a_head_is_answered_with_the_length_alone) {
  start();
  RawClient client(address());
  const auto head = client.send("HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n").receive(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("content-length"), std::to_string(kLarge));
  EXPECT_EQ(client.send(WireTest::get("/hello")).receive()->body, "hello");
}

TEST_F(ContentTest, comes_whole_by_http_1_0) {
  start();
  RawClient client(address());
  const std::string all = client.send("GET /large HTTP/1.0\r\nHost: x\r\n\r\n").receive_rest();
  EXPECT_TRUE(all.ends_with("\r\n\r\n" + letters(kLarge)));
}

TEST_F(ContentTest, comes_whole_to_a_peer_that_has_ended_its_side) {
  start();
  for (int i = 0; i < 5; ++i) {
    RawClient client(address());
    const auto large = client.send(WireTest::get("/large")).end_sending().receive();
    ASSERT_TRUE(large);
    EXPECT_EQ(large->body, letters(kLarge));
    EXPECT_TRUE(client.is_closed_by_peer());
  }
  wait_until_closed();
}

TEST_F(ContentTest, that_fails_on_the_way_is_never_taken_for_whole) {
  start();
  RawClient client(address());
  EXPECT_FALSE(client.send(WireTest::get("/broken")).receive());
  EXPECT_TRUE(client.is_at_end());
  wait_until_closed();
}

TEST_F(ContentTest, is_let_go_when_the_peer_leaves) {
  start();
  {
    RawClient client(address());
    client.receive_slowly();
    EXPECT_FALSE(client.send(WireTest::get("/endless")).receive_some().empty());
  }
  wait_until_closed();
  EXPECT_EQ(status_of(WireTest::get("/hello")), 200);
}

TEST_F(ContentTest, whose_peer_does_not_read_leaves_the_workers_to_others) {
  start({}, 1, {.threads = 1, .queue = 64});
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 6; ++i) {
    silent.push_back(std::make_unique<RawClient>(address()));
    silent.back()->receive_slowly();
    silent.back()->send(WireTest::get("/endless"));
    EXPECT_FALSE(silent.back()->receive_some().empty());
  }
  EXPECT_THAT(ask(WireTest::get("/large"))->body, SizeIs(kLarge));
}

TEST_F(ContentTest, comes_whole_by_http_2_as_the_windows_allow) {
  start();
  Http2Client client(address());
  client.request(1, request_fields("GET", "/large"));
  for (std::uint64_t opened = 0; opened < kLarge; opened += 60'000) {
    for (const std::uint32_t stream : {0U, 1U}) client.send({FrameType::WindowUpdate, 0, stream, number(60'000)});
  }
  const auto answer = client.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("content-length"), std::to_string(kLarge));
  EXPECT_EQ(answer->body, letters(kLarge));
  wait_until_closed();
}

TEST_F(ContentTest, comes_whole_by_http_2_to_a_peer_that_has_ended_its_side) {
  start();
  for (int i = 0; i < 5; ++i) {
    Http2Client client(address());
    for (const std::uint32_t stream : {0U, 1U}) {
      if (stream == 1) client.request(1, request_fields("GET", "/large"));
      client.send({FrameType::WindowUpdate, 0, stream, number(kLarge)});
    }
    client.raw().end_sending();
    const auto answer = client.answer(1);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, letters(kLarge));
    EXPECT_EQ(client.end_code(), std::nullopt);
    EXPECT_TRUE(client.raw().is_at_end());
  }
  wait_until_closed();
}

TEST_F(ContentTest, whose_windows_nobody_will_open_again_ends_its_connection) {
  start();
  Http2Client client(address());
  client.request(1, request_fields("GET", "/endless"));
  client.raw().end_sending();
  EXPECT_FALSE(client.answer(1));
  EXPECT_TRUE(client.raw().is_at_end());
  wait_until_closed();
}

TEST_F(ContentTest, that_fails_resets_its_stream_alone) {
  start();
  Http2Client client(address());
  client.request(1, request_fields("GET", "/broken"));
  for (const std::uint32_t stream : {0U, 1U}) client.send({FrameType::WindowUpdate, 0, stream, number(kLarge)});
  EXPECT_FALSE(client.answer(1));
  EXPECT_EQ(client.reset_code(1), 2U);
  EXPECT_EQ(client.request(3, request_fields("GET", "/hello")).answer(3)->body, "hello");
  wait_until_closed();
}

TEST_F(ContentTest, a_stream_that_is_reset_lets_it_go) {
  start();
  Http2Client client(address());
  client.request(1, request_fields("GET", "/endless"));
  const auto head = client.receive();
  ASSERT_TRUE(head);
  client.send({FrameType::Reset, 0, 1, number(8)});
  wait_until_closed();
}

}  // namespace
}  // namespace slipway::wire
