// Trailers as frames of our own, read by the inflater of nghttp2 as a client of it would.
#include "adapter/net/http2_trailers.h"

#include <nghttp2/nghttp2.h>

#include <array>

#include "adapter/net/http2_connection_fixture.h"

namespace slipway::net {
namespace {

using namespace std::string_literals;

// What one client knows of the table.
class Inflater {
 public:
  Inflater() { nghttp2_hd_inflate_new(&inflater_); }
  ~Inflater() { nghttp2_hd_inflate_del(inflater_); }
  void change_table_size(std::size_t size) { nghttp2_hd_inflate_change_table_size(inflater_, size); }
  // "name: value\n" of each field; "broken" for what is no block of fields.
  std::string read(std::string_view block) {
    std::string fields;
    const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
    for (const auto* end = at + block.size();;) {
      nghttp2_nv pair;
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &pair, &flags, at, static_cast<std::size_t>(end - at), 1);
      if (used < 0) return "broken";
      at += used;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        fields.append(reinterpret_cast<const char*>(pair.name), pair.namelen).append(": ");
        fields.append(reinterpret_cast<const char*>(pair.value), pair.valuelen) += '\n';
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && at == end) return "broken";
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return fields;
  }

 private:
  nghttp2_hd_inflater* inflater_ = nullptr;
};

TEST(Http2Trailers, a_frame_says_the_fields_whatever_their_length) {
  for (const std::size_t length : {0, 1, 126, 127, 128, 254, 255, 256, 3000}) {
    const std::string value(length, 'v');
    const std::array<Http2Field, 2> fields = {{{"grpc-status", "13"}, {"grpc-message", value}}};
    ASSERT_TRUE(can_write_trailers(fields));
    std::string out = "before";
    append_trailers(out, 0x01020305, fields);
    const std::string block = out.substr(6 + 9);
    EXPECT_EQ(out.substr(0, 6 + 9), "before" + frame(1, 5, 0x01020305, block).substr(0, 9));
    EXPECT_EQ(Inflater().read(block), "grpc-status: 13\ngrpc-message: " + value + "\n");
  }
}

TEST(Http2Trailers, none_and_those_that_may_not_fit_one_frame_are_not_written) {
  const std::string value(5000, 'v');
  const std::array<Http2Field, 1> fields = {{{"grpc-message", value}}};
  EXPECT_FALSE(can_write_trailers(fields));
  EXPECT_FALSE(can_write_trailers({}));
}

// Says one piece, and the rest when it is told.
struct InTwoParts final : StreamListener {
  StreamingExchange* exchange = nullptr;
  std::string* answer = nullptr;
  void call(StreamingExchange& asked) {
    exchange = &asked;
    asked.listen(*this);
    answer = &asked.open(200, "application/grpc");
    *answer += "first";
    asked.send();
  }
  void end() const {
    *answer += "last";
    exchange->add_trailer("grpc-status", "0");
    exchange->finish();
  }
  void body_grew() noexcept override {}
  void output_drained() noexcept override {}
  void abandoned() noexcept override {}
};

class AnsweredWithTrailers : public Http2ConnectionTest {
 protected:
  void given_a_call() {
    begin({{Method::Post, "/whole", access::Permission::Public,
            [](Exchange& exchange) {
              exchange.open(200, "application/grpc") += "all of it";
              exchange.add_trailer("grpc-status", "0");
              exchange.finish();
            }},
           {Method::Post, "/parts", access::Permission::Public,
            StreamingHandler{[this](StreamingExchange& exchange) { answer_.call(exchange); }}}});
  }
  // The frames of stream 1 since the last look: type, flags and payload.
  struct Sent {
    int type, flags;
    std::string payload;
  };
  std::vector<Sent> sent() {
    std::vector<Sent> frames;
    for (std::string_view rest = seen_; rest.size() >= 9;) {
      const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<std::uint8_t>(rest[i])); };
      const std::size_t size = at(0) << 16 | at(1) << 8 | at(2);
      if (at(8) == 1) frames.push_back({rest[3], rest[4], std::string(rest.substr(9, size))});
      rest.remove_prefix(std::min(rest.size(), 9 + size));
    }
    seen_.clear();
    return frames;
  }
  InTwoParts answer_;
  Inflater client_;
};

TEST_F(AnsweredWithTrailers, the_content_does_not_end_the_stream_and_the_trailers_do) {
  given_a_call();
  receive(head(1, "POST", "/whole", true));
  const auto frames = sent();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_NE(client_.read(frames[0].payload).find(":status: 200\n"), std::string::npos);
  EXPECT_EQ(frames[1].payload, "all of it");
  EXPECT_EQ(frames[1].flags, 0);
  EXPECT_EQ(frames[2].type, 1);
  EXPECT_EQ(frames[2].flags, 5);
  EXPECT_EQ(client_.read(frames[2].payload), "grpc-status: 0\n");
  end();
}

TEST_F(AnsweredWithTrailers, a_peer_that_made_its_table_smaller_meanwhile_is_told_of_it_before_them) {
  given_a_call();
  receive(head(1, "POST", "/parts", true));
  const auto first = sent();
  ASSERT_EQ(first.size(), 2U);
  client_.read(first[0].payload);
  receive(frame(4, 0, 0, "\0\1\0\0\0\0"s));
  client_.change_table_size(0);
  answer_.end();
  tick();
  const auto last = sent();
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(last.back().flags, 5);
  EXPECT_EQ(client_.read(last.back().payload), "grpc-status: 0\n");
  end();
}

}  // namespace
}  // namespace slipway::net
