#include "adapter/net/http1_head.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway::net {
namespace {

// Feeds `text` in pieces of `step` bytes, each in a buffer of its own; what was read is in head() over bytes_.
class HeadParserTest : public testing::Test {
 protected:
  HeadParser::Outcome feed(std::string text, std::size_t step = 1 << 20) {
    bytes_ = std::move(text);
    parser_.reset();
    HeadParser::Outcome outcome = HeadParser::Outcome::NeedsMore;
    for (std::size_t seen = 0; seen < bytes_.size() && outcome == HeadParser::Outcome::NeedsMore;) {
      seen = std::min(seen + step, bytes_.size());
      outcome = parser_.feed(bytes_.data(), seen);
    }
    return outcome;
  }
  const RequestHead& head() const { return parser_.head(); }
  std::string bytes_;
  HeadParser parser_{{}};
};

TEST_F(HeadParserTest, a_head_is_read_the_same_however_it_is_split) {
  const std::string text =
      "POST /a%20b?c=d HTTP/1.1\r\nHOST: x:80\r\nContent-Length: 12\r\nConnection: Keep-Alive, Upgrade\r\nX-Y:  z "
      "\t\r\n\r\nbody";
  for (std::size_t step = 1; step < text.size(); ++step) {
    ASSERT_EQ(feed(text, step), HeadParser::Outcome::Done) << step;
    EXPECT_EQ(head().method, Method::Post);
    EXPECT_EQ(head().path.in(bytes_.data()), "/a%20b");
    EXPECT_EQ(head().query.in(bytes_.data()), "c=d");
    EXPECT_TRUE(head().target_has_escapes);
    EXPECT_EQ(head().content_length, 12U);
    EXPECT_EQ(head().value(KnownField::Host, bytes_.data()), "x:80");
    EXPECT_EQ(head().find("x-y", bytes_.data()), "z");
    EXPECT_EQ(head().find("absent", bytes_.data()), "");
    EXPECT_EQ(parser_.head_size(), text.size() - 4);
    EXPECT_TRUE(head().keeps_alive);
  }
}

TEST_F(HeadParserTest, tells_whether_there_is_a_field_of_ours) {
  const auto has = [&](const std::string& fields) {
    EXPECT_EQ(feed("GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"), HeadParser::Outcome::Done);
    return head().has_own_fields;
  };
  EXPECT_FALSE(has(""));
  EXPECT_TRUE(has("A: b\r\nX-Slipway-Version: 2\r\n"));
  EXPECT_FALSE(has("X-Slipwa: 1\r\nA: x-slipway-version\r\n"));
  EXPECT_TRUE(has("x-slipway-synthetic: \r\n"));
}

TEST_F(HeadParserTest, connection_and_version_decide_whether_it_is_kept) {
  const auto keeps = [&](std::string version, std::string connection) {
    EXPECT_EQ(feed("GET / HTTP/" + version + "\r\nHost: x\r\n" + connection + "\r\n"), HeadParser::Outcome::Done);
    return head().keeps_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: foo, CLOSE\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST_F(HeadParserTest, reset_forgets_the_request_before) {
  EXPECT_EQ(feed("POST /x%20?q HTTP/1.0\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"),
            HeadParser::Outcome::Done);
  EXPECT_EQ(feed("GET /y HTTP/1.1\r\nHost: z\r\n\r\n"), HeadParser::Outcome::Done);
  EXPECT_FALSE(head().content_length);
  EXPECT_FALSE(head().target_has_escapes);
  EXPECT_TRUE(head().keeps_alive);
  EXPECT_EQ(head().query.size, 0U);
  EXPECT_EQ(head().field_count, 1U);
}

TEST_F(HeadParserTest, a_head_that_comes_again_is_recognized_and_any_other_is_read) {
  const std::string once = "POST /a?b HTTP/1.1\r\nHOST: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  const std::string other = "POST /b?b HTTP/1.1\r\nHOST: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(feed(once), HeadParser::Outcome::Done);
  EXPECT_EQ(feed(once), HeadParser::Outcome::Done);
  EXPECT_FALSE(parser_.repeats());  // only what is sent twice is worth remembering
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(feed(once + "body"), HeadParser::Outcome::Done);
    EXPECT_TRUE(parser_.repeats());
    EXPECT_EQ(parser_.head_size(), once.size());
    EXPECT_EQ(head().path.in(bytes_.data()), "/a");
    EXPECT_EQ(head().value(KnownField::Host, bytes_.data()), "x");
    EXPECT_EQ(head().find("expect", bytes_.data()), "100-continue");
    EXPECT_EQ(head().content_length, 4U);
    EXPECT_TRUE(head().expects_continue);
  }
  EXPECT_EQ(feed(other), HeadParser::Outcome::Done);
  EXPECT_FALSE(parser_.repeats());
  EXPECT_EQ(head().path.in(bytes_.data()), "/b");
  EXPECT_EQ(head().content_length, 5U);
  EXPECT_FALSE(head().expects_continue);
  EXPECT_FALSE(head().keeps_alive);
}

TEST_F(HeadParserTest, a_head_in_pieces_or_with_a_fault_is_never_taken_for_the_one_before) {
  const std::string text = "GET /a HTTP/1.1\r\nHost: x\r\nX: " + std::string(100, 'y') + "\r\n\r\n";
  for (std::size_t step = 1; step < text.size(); ++step) {
    feed(text);
    feed(text);
    EXPECT_EQ(feed(text, step), HeadParser::Outcome::Done);
    EXPECT_FALSE(parser_.repeats()) << step;
    EXPECT_EQ(head().field_count, 2U);
  }
  feed(text);
  EXPECT_EQ(feed("GET /a HTTP/1.1\r\nHost x\r\n\r\n"), HeadParser::Outcome::Refused);
  EXPECT_EQ(feed("GET /a HTTP/1.1\r\nHost x\r\n\r\n"), HeadParser::Outcome::Refused);
  EXPECT_EQ(feed(text.substr(0, 26) + "\r\n"), HeadParser::Outcome::Done);
  EXPECT_EQ(head().field_count, 1U);
}

TEST_F(HeadParserTest, a_first_line_of_another_protocol_is_told_from_a_bad_one_of_http) {
  for (const std::string line : {"INVALID CONNECTION PREFACE", "USER me 8 * :me", "SSH-2.0 over there", "pri * x"}) {
    EXPECT_EQ(feed(line + "\r\n"), HeadParser::Outcome::Refused) << line;
    EXPECT_TRUE(parser_.is_foreign()) << line;
    EXPECT_EQ(feed(line + "\r\n", 1), HeadParser::Outcome::Refused) << line;
    EXPECT_TRUE(parser_.is_foreign()) << line;
  }
  for (const std::string line : {"GET / FTP/1.0", "BREW /pot HTTP/9.9", "BREW /pot http/1.1", "BREW /a pot HTTP/1.1",
                                 "PRI * HTTP/2.1", "EHLO there", "BREW /\x01 TEA", "BREW /caf\xc3\xa9 TEA"}) {
    EXPECT_EQ(feed(line + "\r\n"), HeadParser::Outcome::Refused) << line;
    EXPECT_FALSE(parser_.is_foreign()) << line;
  }
  EXPECT_EQ(feed("BREW " + std::string(9000, 'a') + " TEA\r\n"), HeadParser::Outcome::Refused);
  EXPECT_FALSE(parser_.is_foreign());
}

TEST_F(HeadParserTest, nonsense_is_refused_before_its_line_ends) {
  EXPECT_EQ(feed(std::string("\x16\x03\x01", 3)), HeadParser::Outcome::Refused);
  EXPECT_EQ(feed("GET /caf\xc3"), HeadParser::Outcome::Refused);
  EXPECT_EQ(feed(std::string(9000, 'A')), HeadParser::Outcome::Refused);
  EXPECT_EQ(parser_.refusal().status, 414);
}

}  // namespace
}  // namespace slipway::net
