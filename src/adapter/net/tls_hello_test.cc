#include "adapter/net/tls_hello.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway::net {
namespace {

std::string record(std::string_view payload, char type = 22) {
  const auto size = payload.size();
  return std::string{type, 3, 1, static_cast<char>(size >> 8U), static_cast<char>(size & 0xffU)} + std::string(payload);
}

std::string message(std::size_t size, char type = 1) {
  return std::string{type, 0, static_cast<char>(size >> 8U), static_cast<char>(size & 0xffU)} + std::string(size, 'h');
}

bool is_whole(std::string_view bytes) {
  return has_whole_hello(as_bytes(bytes));
}

TEST(TlsHello, is_whole_with_its_last_byte_however_it_is_cut_into_records) {
  const std::string hello = message(700);
  for (const std::size_t cut : {1U, 2U, 3U, 5U, 256U, 700U, 704U}) {
    std::string bytes;
    for (std::size_t at = 0; at < hello.size(); at += cut) bytes += record(std::string_view(hello).substr(at, cut));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(is_whole(std::string_view(bytes).substr(0, size))) << cut << ", " << size;
    }
    EXPECT_TRUE(is_whole(bytes)) << cut;
    EXPECT_TRUE(is_whole(bytes + "more")) << cut;
  }
}

TEST(TlsHello, what_is_none_is_not_waited_for) {
  EXPECT_TRUE(is_whole("G"));
  EXPECT_TRUE(is_whole("\x80"));                            // of SSL 2
  EXPECT_TRUE(is_whole(record(message(5, 2))));             // a ServerHello
  EXPECT_TRUE(is_whole(record("")));                        // an empty record
  EXPECT_TRUE(is_whole(record("\x01") + record("x", 23)));  // data amid the message
}

TEST(TlsHello, one_that_is_too_long_is_not_waited_for) {
  EXPECT_FALSE(is_whole(record(message(60'000).substr(0, 16'000))));
  EXPECT_TRUE(is_whole(record(message(60'000).substr(0, 16'000)) + record(std::string(1'000, 'h'))));
}

}  // namespace
}  // namespace slipway::net
