// Long bodies on HTTP/2 are read to where they stay; whatever else comes between, each body is whole.
#include <random>

#include "adapter/net/http2_connection_fixture.h"
#include "adapter/net/http2_content_plan.h"

namespace slipway::net {
namespace {

constexpr std::size_t kFrame = 16 << 10;
constexpr char kEndStream = 1, kPing = 6, kPaddedData = 8;

// Of a stream: no two places near each other are alike.
std::string body_of(std::uint32_t stream, std::size_t size) {
  std::string body(size, '\0');
  std::minstd_rand next(stream);
  for (char& c : body) c = static_cast<char>(next());
  return body;
}

std::string frames(std::uint32_t stream, std::string_view body, std::size_t size = kFrame) {
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += size) {
    const bool is_last = at + size >= body.size();
    out += frame(0, is_last ? kEndStream : 0, stream, body.substr(at, size));
  }
  return out;
}

class Http2InPlaceTest : public Http2ConnectionTest {
 protected:
  void SetUp() override { begin_with(Bytes{4 << 20}); }
  void begin_with(Bytes limit, Limits limits = {}) {
    Route route{Method::Post, "/", access::Permission::Public, [this](Exchange& exchange) {
                  bodies_.emplace_back(as_text(exchange.body()));
                  exchange.reply(200, "text/plain", {});
                }};
    route.body_limit = limit;
    begin({std::move(route)}, {}, limits);
  }
  static std::string post(std::uint32_t stream) { return head(stream, "POST", "/", false); }
  // The peer's bytes come in pieces, each in a read of its own.
  void receive_in(std::size_t piece, const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) receive(bytes.substr(at, piece));
  }
  std::vector<std::string> bodies_;
};

TEST_F(Http2InPlaceTest, a_body_is_whole_however_its_bytes_come) {
  std::uint32_t stream = 1;
  for (const std::size_t piece : {64 << 10, 40'000, 16'393, 9'000, 5'003}) {
    for (const std::size_t size : {std::size_t{16 << 10}, std::size_t{10'000}, std::size_t{3'000}}) {
      const std::string body = body_of(stream, 200'000);
      receive_in(piece, post(stream) + frames(stream, body, size));
      ASSERT_EQ(bodies_.size(), 1U) << piece << " " << size;
      EXPECT_TRUE(bodies_.back() == body) << piece << " " << size;
      bodies_.clear();
      stream += 2;
    }
  }
  end();
}

TEST_F(Http2InPlaceTest, what_comes_between_frames_is_not_taken_for_content) {
  std::uint32_t stream = 1;
  const std::string small = body_of(7, 5'000);
  for (const std::size_t piece : {64 << 10, 33'000, 16'402}) {
    const std::string body = body_of(stream, 180'000);
    std::string bytes = post(stream) + post(stream + 2);
    for (std::size_t at = 0, i = 0; at < body.size(); at += kFrame, ++i) {
      const bool is_last = at + kFrame >= body.size();
      if (i == 4) bytes += frame(kPing, 0, 0, "12345678");
      if (i == 6) bytes += frame(0, 1, stream + 2, small);
      if (i == 8)
        bytes +=
            frame(0, kPaddedData, stream, std::string(1, '\5') + body.substr(at, kFrame - 100) + std::string(5, '\0')) +
            frame(0, 0, stream, body.substr(at + kFrame - 100, 100));
      if (i != 8) bytes += frame(0, is_last ? kEndStream : 0, stream, body.substr(at, kFrame));
    }
    receive_in(piece, bytes);
    ASSERT_EQ(bodies_.size(), 2U) << piece;
    EXPECT_TRUE(bodies_[0] == small) << piece;
    EXPECT_TRUE(bodies_[1] == body) << piece;
    bodies_.clear();
    stream += 4;
  }
  end();
}

TEST_F(Http2InPlaceTest, requests_behind_a_body_are_answered) {
  const std::string body = body_of(1, 8 * kFrame);  // ends with a frame as long as the others
  receive_in(32 << 10, post(1) + frames(1, body) + post(3) + frames(3, "short") + post(5) + frames(5, body));
  ASSERT_EQ(bodies_.size(), 3U);
  EXPECT_TRUE(bodies_[0] == body);
  EXPECT_EQ(bodies_[1], "short");
  EXPECT_TRUE(bodies_[2] == body);
  end();
}

TEST_F(Http2InPlaceTest, a_last_frame_that_is_empty_leaves_what_is_behind_it_as_it_came) {
  const std::string body = body_of(1, 9 * kFrame);
  for (const std::string& last : {frame(0, kEndStream, 1, {}), frame(1, kEndStream | 4, 1, {})}) {
    std::string bytes = frames(1, body + "-");  // but for its last frame, which is as long as the others
    bytes.resize(bytes.size() - ContentPlan::kHead - 1);
    receive_in(64 << 10, post(1) + bytes + last + frame(kPing, 0, 0, "12345678") + post(3) + frames(3, "short"));
    ASSERT_EQ(bodies_.size(), 2U);
    EXPECT_TRUE(bodies_[0] == body);
    EXPECT_EQ(bodies_[1], "short");
    EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Open);
    bodies_.clear();
    end();
    TearDown();
    SetUp();
  }
  end();
}

TEST_F(Http2InPlaceTest, a_body_that_grows_beyond_its_limit_is_refused_while_more_of_it_is_there) {
  end();
  TearDown();
  begin_with(Bytes{100'000});
  receive_in(64 << 10, post(1) + frames(1, body_of(1, 220'000)) + post(3) + frames(3, "short"));
  EXPECT_EQ(bodies_, std::vector<std::string>{"short"});
  EXPECT_EQ(troubles(Trouble::TooLarge), 1U);
  end();
}

TEST_F(Http2InPlaceTest, a_stream_that_is_reset_within_its_body_harms_no_other) {
  const std::string body = body_of(1, 100'000);
  const std::string half = frames(1, body).substr(0, 3 * (kFrame + ContentPlan::kHead));
  receive_in(60'000, post(1) + half + frame(3, 0, 1, std::string(4, '\0')) + post(3) + frames(3, body));
  ASSERT_EQ(bodies_.size(), 1U);
  EXPECT_TRUE(bodies_[0] == body);
  end();
}

TEST_F(Http2InPlaceTest, a_call_of_grpc_has_room_for_its_message_at_once) {
  const std::string message = body_of(1, 600'000);
  std::string fields;
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{":method", "POST"},
                                                        {":scheme", "http"},
                                                        {":path", "/"},
                                                        {":authority", "x"},
                                                        {"content-type", "application/grpc"}}) {
    fields += '\0';
    for (const std::string& text : {name, value}) (fields += static_cast<char>(text.size())) += text;
  }
  receive(frame(1, 4, 1, fields));
  const std::string prefix{'\0', '\0', '\x09', '\x27', '\xC0'};  // 600,000
  receive_in(64 << 10, frames(1, prefix + message));
  ASSERT_EQ(bodies_.size(), 1U);
  EXPECT_TRUE(bodies_[0] == prefix + message);
  end();
}

}  // namespace
}  // namespace slipway::net
