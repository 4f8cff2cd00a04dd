#include "base/digest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace slipway {
namespace {

// FIPS 180-4 examples.
constexpr char kEmpty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, agrees_with_the_published_examples) {
  EXPECT_EQ(sha256(as_bytes("")).hex(), kEmpty);
  EXPECT_EQ(sha256(as_bytes("abc")).hex(), kAbc);
}

TEST(Sha256, does_not_depend_on_how_the_content_is_cut) {
  const std::string content(1000, 'x');
  for (const std::size_t piece : {1, 63, 64, 65, 999}) {
    Sha256 hash;
    for (std::size_t at = 0; at < content.size(); at += piece) {
      hash.update(as_bytes(std::string_view(content).substr(at, piece)));
    }
    EXPECT_EQ(hash.finish(), sha256(as_bytes(content))) << piece;
  }
}

TEST(Digest, is_read_from_64_digits_of_any_case_with_or_without_prefix) {
  EXPECT_EQ(parse_digest(kAbc).value(), sha256(as_bytes("abc")));
  EXPECT_EQ(parse_digest("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").value().hex(),
            kAbc);
  EXPECT_EQ(parse_digest("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD").value().hex(), kAbc);
}

TEST(Digest, refuses_everything_else) {
  const std::string abc = kAbc;
  std::vector<std::string> rows = {"", "sha256:"};
  rows.push_back(abc.substr(1));
  rows.push_back(abc + "0");
  rows.push_back("md5:" + abc);
  rows.push_back("g" + abc.substr(1));
  rows.push_back(abc.substr(0, 63) + " ");
  rows.push_back("sha256:sha256:" + abc);
  for (const std::string& text : rows) EXPECT_FALSE(parse_digest(text).ok()) << text;
}

TEST(Digest, prints_and_reads_back) {
  const Digest digest = sha256(as_bytes("x"));
  EXPECT_EQ(parse_digest(digest.hex()).value(), digest);
}

TEST(RandomBytes, are_not_the_same_twice) {
  std::array<std::byte, 32> first{};
  std::array<std::byte, 32> second{};
  fill_random(first);
  fill_random(second);
  EXPECT_NE(first, second);
}

TEST(ConstantTimeEquality, is_equality) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sama")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sam")));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

TEST(Hex, is_two_lower_case_digits_per_byte) {
  const std::array<std::byte, 3> bytes{std::byte{0x00}, std::byte{0x9f}, std::byte{0xff}};
  EXPECT_EQ(to_hex(bytes), "009fff");
}

}  // namespace
}  // namespace slipway
