// gzip and deflate, both ways.
#include <zlib.h>

#include "wire_test.h"

namespace slipway::wire {
namespace {

std::string compressed(std::string_view text, int window) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.erase(z.total_out);
  deflateEnd(&z);
  return out;
}
std::string gzipped(std::string_view text) {
  return compressed(text, 31);
}

std::string inflated(std::string_view bytes, int window) {
  z_stream z{};
  inflateInit2(&z, window);
  std::string out(1 << 20, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  inflate(&z, Z_FINISH);
  out.erase(z.total_out);
  inflateEnd(&z);
  return out;
}

// Does not compress well: 100 : 1 stays out of reach.
std::string noisy(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 7;
  for (char& c : text) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>('a' + (state >> 28));
  }
  return text;
}

class CodingTest : public WireTest {
 protected:
  std::string chunked(std::string_view path, std::string_view body, std::string_view headers) {
    std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" +
                          std::string(headers) + "\r\n";
    for (std::size_t at = 0; at < body.size(); at += 7) {
      const std::string_view piece = body.substr(at, 7);
      request += std::to_string(piece.size()) + "\r\n" + std::string(piece) + "\r\n";
    }
    return request + "0\r\n\r\n";
  }
};

TEST_F(CodingTest, gzip_and_deflate_bodies_reach_the_handler_decoded) {
  start();
  const std::string text = noisy(300'000);
  EXPECT_EQ(ask(post("/echo", gzipped(text), "Content-Encoding: gzip\r\n"))->body, text);
  EXPECT_EQ(ask(post("/echo", gzipped(text), "Content-Encoding: X-GZIP\r\n"))->body, text);
  EXPECT_EQ(ask(post("/echo", compressed(text, 15), "Content-Encoding: deflate\r\n"))->body, text);
  EXPECT_EQ(ask(chunked("/echo", gzipped(text), "Content-Encoding: gzip\r\n"))->body, text);
  EXPECT_EQ(ask(post("/pass", gzipped(text), "Content-Encoding: gzip\r\n"))->body, text);
  EXPECT_EQ(ask(post("/echo", gzipped(""), "Content-Encoding: gzip\r\n"))->body, "");
  EXPECT_EQ(ask(post("/echo", "plain", "Content-Encoding: identity\r\n"))->body, "plain");
}

TEST_F(CodingTest, a_half_closed_client_gets_the_answer_to_a_compressed_body) {
  start();
  const std::string text = noisy(50'000);
  for (int i = 0; i < 20; ++i) {
    RawClient client(address());
    client.send(post("/echo", gzipped(text), "Content-Encoding: gzip\r\n")).end_sending();
    EXPECT_EQ(client.receive().value_or(Answer{}).body, text);
    EXPECT_TRUE(client.is_closed_by_peer());
  }
}

TEST_F(CodingTest, other_and_stacked_codings_are_refused) {
  start();
  for (const std::string coding : {"br", "zstd", "gzip, gzip", "gzip, identity", "gzip;q=1"}) {
    EXPECT_EQ(status_of(post("/echo", "x", "Content-Encoding: " + coding + "\r\n")), 415) << coding;
  }
  EXPECT_EQ(status_of(post("/echo", "x", "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n")), 415);
}

TEST_F(CodingTest, a_bomb_is_refused_by_ratio_and_by_size) {
  net::Limits limits;
  limits.inflated_body = kibibytes(100);
  start(limits);
  const std::string bomb = gzipped(std::string(20 << 20, '\0'));
  EXPECT_EQ(status_of(post("/upload", bomb, "Content-Encoding: gzip\r\n")), 413);
  EXPECT_EQ(status_of(post("/tiny", gzipped("12345678901"), "Content-Encoding: gzip\r\n")), 413);
  EXPECT_EQ(status_of(post("/echo", gzipped(noisy(101 << 10)), "Content-Encoding: gzip\r\n")), 413);
}

TEST_F(CodingTest, truncated_trailing_and_false_streams_are_refused) {
  start();
  const std::string good = gzipped(noisy(10'000));
  const std::string gzip = "Content-Encoding: gzip\r\n";
  EXPECT_EQ(status_of(post("/echo", good.substr(0, good.size() - 1), gzip)), 400);
  EXPECT_EQ(status_of(post("/echo", good.substr(0, 5), gzip)), 400);
  EXPECT_EQ(status_of(post("/echo", good + "x", gzip)), 400);
  EXPECT_EQ(status_of(post("/echo", good + good, gzip)), 400);
  EXPECT_EQ(status_of(post("/echo", "not gzip at all", gzip)), 400);
  EXPECT_EQ(status_of(post("/echo", good, "Content-Encoding: deflate\r\n")), 400);
  std::string flipped = good;
  flipped[flipped.size() - 6] ^= 1;  // the checksum
  EXPECT_EQ(status_of(post("/echo", flipped, gzip)), 400);
}

TEST_F(CodingTest, text_answers_are_encoded_when_asked_and_worth_it) {
  start();
  const auto gzip = ask(get("/text", "Accept-Encoding: br, gzip\r\n"));
  EXPECT_EQ(gzip->header("content-encoding"), "gzip");
  EXPECT_EQ(gzip->header("vary"), "Accept-Encoding");
  EXPECT_EQ(inflated(gzip->body, 31), std::string(10'000, 't'));
  const auto deflate = ask(get("/text", "Accept-Encoding: gzip;q=0.1, deflate;q=0.8\r\n"));
  EXPECT_EQ(deflate->header("content-encoding"), "deflate");
  EXPECT_EQ(inflated(deflate->body, 15), std::string(10'000, 't'));
  EXPECT_EQ(ask(get("/text", "Accept-Encoding: gzip;q=0, identity\r\n"))->header("content-encoding"), "");
  EXPECT_EQ(ask(get("/hello", "Accept-Encoding: gzip\r\n"))->header("content-encoding"), "");
  EXPECT_EQ(ask(get("/big", "Accept-Encoding: gzip\r\n"))->header("content-encoding"), "");
}

// Encoding a long answer would hold up every other connection of the loop.
TEST_F(CodingTest, long_answers_are_encoded_by_a_worker_or_not_at_all) {
  start();
  const auto inline_answer = ask(get("/long-text", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(inline_answer->header("content-encoding"), "");
  EXPECT_EQ(inline_answer->body.size(), 100'000U);
  const auto blocking = ask(get("/report", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(blocking->header("content-encoding"), "gzip");
  EXPECT_EQ(blocking->header("vary"), "Accept-Encoding");
  EXPECT_TRUE(inflated(blocking->body, 31) == std::string(100'000, 't'));
  EXPECT_EQ(ask(get("/report"))->body.size(), 100'000U);
}

TEST_F(CodingTest, head_tells_the_length_of_the_encoded_answer) {
  start();
  const auto head = ask("HEAD /text HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  const auto got = ask(get("/text", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(head->header("content-length"), got->header("content-length"));
}

}  // namespace
}  // namespace slipway::wire
