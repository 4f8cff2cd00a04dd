// Frames of many kinds in random order, cut at random: each body that ends is whole, whatever came between.
#include <algorithm>
#include <random>

#include "adapter/net/http2_connection_fixture.h"
#include "base/guarded.h"

namespace slipway::net {
namespace {

constexpr std::size_t kFrame = 16 << 10;
constexpr char kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kPing = 6, kWindowUpdate = 8, kUnknown = 42;
constexpr char kEndStream = 1, kEndHeaders = 4, kPadded = 8;

// Writes what a peer sends, and what is to come of it.
class Mix {
 public:
  explicit Mix(std::uint32_t seed) : next_(seed) {
    for (int i = 0; i < 3; ++i) open_stream();
    while (!open_.empty()) {
      if (!chance(8)) current_ = number(open_.size());
      step(open_[current_]);
      if (open_[current_].is_over) {
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(current_));
        if (left_to_open_ != 0) open_stream();
        current_ = 0;
      }
    }
  }
  const std::string& bytes() const { return bytes_; }
  const std::vector<std::string>& bodies() const { return bodies_; }
  // Mostly as much as a socket holds; now and then as little as part of a frame's head.
  std::size_t piece() { return chance(4) ? 1 + number(20) : 1 + number(150'000); }

 private:
  struct Stream {
    std::uint32_t id = 0;
    std::string body;
    std::size_t at = 0, frame = kFrame;
    bool is_over = false;
  };

  std::size_t number(std::size_t below) { return next_() % below; }
  bool chance(std::size_t once_in) { return number(once_in) == 0; }

  void open_stream() {
    --left_to_open_;
    Stream& stream = open_.emplace_back();
    stream.id = next_id_;
    next_id_ += 2;
    const bool is_long = chance(6);  // beyond what is reserved for a length that is only announced
    stream.body.resize(is_long ? 1'000'000 + number(500'000) : number(250'000));
    for (char& c : stream.body) c = static_cast<char>(next_());
    if (chance(3)) stream.frame = 4'000 + number(kFrame - 4'000);
    std::string fields;
    const auto add = [&](std::string_view name, std::string_view value) {
      fields += '\0';
      for (const std::string_view text : {name, value}) (fields += static_cast<char>(text.size())) += text;
    };
    add(":method", "POST");
    add(":scheme", "http");
    add(":path", chance(2) ? "/" : "/worker");
    add(":authority", "x");
    if (is_long || chance(2)) add("content-length", std::to_string(stream.body.size()));
    bytes_ += frame(kHeaders, kEndHeaders, stream.id, fields);
  }

  void step(Stream& stream) {
    if (chance(12)) between();
    if (chance(80)) {
      bytes_ += frame(kReset, 0, stream.id, std::string(4, '\0'));
      stream.is_over = true;
    } else if (stream.at == stream.body.size()) {
      end(stream);
    } else {
      content(stream);
    }
  }

  // What is no content of any stream.
  void between() {
    switch (number(4)) {
      case 0:
        bytes_ += frame(kPing, 0, 0, "12345678");
        break;
      case 1:
        bytes_ += frame(kSettings, 0, 0, {});
        break;
      case 2:
        bytes_ += frame(kWindowUpdate, 0, 0, std::string("\0\0\0\1", 4));
        break;
      default:
        bytes_ += frame(kUnknown, 0, 0, std::string(number(100), 'u'));
    }
  }

  void content(Stream& stream) {
    std::size_t size = chance(16) ? number(3'000) : stream.frame;  // none now and then
    size = std::min(size, stream.body.size() - stream.at);
    const std::string_view part = std::string_view(stream.body).substr(stream.at, size);
    stream.at += size;
    const bool is_last = stream.at == stream.body.size() && chance(2);
    data(stream, part, is_last);
  }

  void data(Stream& stream, std::string_view part, bool is_last) {
    const char flags = is_last ? kEndStream : 0;
    if (chance(16) && part.size() < kFrame - 300) {
      const std::size_t padding = number(256);
      bytes_ += frame(kData, static_cast<char>(flags | kPadded), stream.id,
                      static_cast<char>(padding) + std::string(part) + std::string(padding, '\0'));
    } else {
      bytes_ += frame(kData, flags, stream.id, part);
    }
    if (is_last) ended(stream);
  }

  void end(Stream& stream) {
    if (!chance(3)) return data(stream, {}, true);
    const std::string trailer = chance(2) ? std::string() : std::string("\0\1t\1x", 5);
    bytes_ += frame(kHeaders, kEndStream | kEndHeaders, stream.id, trailer);
    ended(stream);
  }

  void ended(Stream& stream) {
    stream.is_over = true;
    bodies_.push_back(std::move(stream.body));
  }

  std::minstd_rand next_;
  std::uint32_t next_id_ = 3;
  std::size_t left_to_open_ = 8, current_ = 0;
  std::vector<Stream> open_;
  std::string bytes_;
  std::vector<std::string> bodies_;
};

class Http2ContentMixTest : public Http2ConnectionTest, public testing::WithParamInterface<std::uint32_t> {
 protected:
  void SetUp() override {
    Route inline_route{Method::Post, "/", access::Permission::Public, [this](Exchange& exchange) {
                         bodies_.lock()->emplace_back(as_text(exchange.body()));
                         exchange.reply(200, "text/plain", {});
                       }};
    Route worker_route{Method::Post, "/worker", access::Permission::Public,
                       BlockingHandler{[this](BlockingRequest& request) {
                         auto body = request.read_all(Bytes{4 << 20});
                         bodies_.lock()->push_back(body.ok() ? std::move(*body) : body.error().message);
                         return Reply{};
                       }}};
    inline_route.body_limit = worker_route.body_limit = Bytes{4 << 20};
    begin({std::move(inline_route), std::move(worker_route)});
  }
  Guarded<std::vector<std::string>> bodies_;
};

TEST_P(Http2ContentMixTest, every_body_that_ends_is_whole) {
  Mix mix(GetParam());
  receive(head(1, "POST", "/", true));
  for (std::size_t at = 0; at < mix.bytes().size();) {
    const std::size_t size = mix.piece();
    receive(mix.bytes().substr(at, size));
    at += size;
  }
  EXPECT_EQ(connection_->phase(), Http2Connection::Phase::Open);
  workers_.all.clear();
  end();
  std::vector<std::string> expected = mix.bodies(), seen = std::move(*bodies_.lock());
  expected.emplace_back();  // of the first request
  std::sort(expected.begin(), expected.end());
  std::sort(seen.begin(), seen.end());
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_TRUE(seen[i] == expected[i]) << i;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Http2ContentMixTest, testing::Range(1U, 25U));

}  // namespace
}  // namespace slipway::net
