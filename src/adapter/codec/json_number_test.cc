#include "adapter/codec/json_number.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "adapter/codec/number_text.h"

namespace slipway::codec {
namespace {

NumberText scan(std::string_view text) {
  return scan_number(text.data(), text.data() + text.size());
}
std::optional<double> read_double(std::string_view text) {
  return to_double(scan(text));
}
std::optional<float> read_float(std::string_view text) {
  return to_float(scan(text));
}
template <class Number>
std::string written(Number value) {
  char text[kMaxNumberText];
  return {text, write_number(text, value)};
}

TEST(JsonNumber, scans_what_json_allows_and_stops_at_its_end) {
  for (const std::string_view text : {"0", "-0", "12", "1.5", "1e3", "-1.25E-2", "1E+2", "NaN", "-Infinity", "Inf"}) {
    const std::string padded = std::string(text) + ",7";
    const NumberText number = scan(padded);
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number.text(), text);
  }
}

TEST(JsonNumber, refuses_what_json_does_not_allow) {
  for (const std::string_view text : {"", "-", "+1", ".5", "1.", "01", "1e", "1e+", "-.5", "x", "nan", "--1", "1.e5"}) {
    EXPECT_FALSE(scan(text)) << text;
  }
}

TEST(JsonNumber, reads_what_no_double_can_hold_as_told) {
  EXPECT_FALSE(read_double("1e400"));
  EXPECT_FALSE(read_double(std::string(400, '1')));
  EXPECT_EQ(read_double("1e-400"), 0.0);
  EXPECT_TRUE(std::signbit(*read_double("-1e-99999999999999")));
  EXPECT_FALSE(read_double("1e99999999999999999999"));
  EXPECT_EQ(read_double("0e99999999999999999999"), 0.0);
  EXPECT_EQ(read_float("1e39"), std::numeric_limits<float>::infinity());
  EXPECT_FALSE(read_float("1e400"));
}

TEST(JsonNumber, reads_many_digits_as_the_library_does) {
  const std::string digits = "0.00000000000000000000000000012345678901234567890123456789";
  double expected = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), expected);
  EXPECT_EQ(read_double(digits), expected);
  std::string ones(1000, '1');
  const auto shifted = read_double(ones + "e-999");
  ones.insert(1, ".");
  EXPECT_EQ(shifted, read_double(ones));
}

TEST(JsonNumber, rounds_half_way_cases_to_fp32_once) {
  // 1 + 2^-24 lies half-way; a little more must round up although FP64 cannot see it.
  EXPECT_EQ(read_float("1.000000059604644775390625"), 1.0F);
  EXPECT_EQ(read_float("1.0000000596046447753906250000000001"), std::nextafterf(1.0F, 2.0F));
  EXPECT_EQ(read_float("1.4e-45"), std::numeric_limits<float>::denorm_min());
}

TEST(JsonNumber, integers_are_exact_to_their_limits) {
  EXPECT_EQ(to_uint64(scan("18446744073709551615")), UINT64_MAX);
  EXPECT_FALSE(to_uint64(scan("18446744073709551616")));
  EXPECT_FALSE(to_uint64(scan("-1")));
  EXPECT_EQ(to_uint64(scan("-0")), 0U);
  EXPECT_EQ(to_int64(scan("-9223372036854775808")), INT64_MIN);
  EXPECT_FALSE(to_int64(scan("9223372036854775808")));
  EXPECT_EQ(to_int64(scan("9007199254740993")), 9007199254740993);
  EXPECT_FALSE(to_int64(scan("1.0")));
  EXPECT_FALSE(to_int64(scan("1e3")));
}

TEST(JsonNumber, whatever_is_written_reads_back_the_same) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200'000; ++i) {
    const auto wide = std::bit_cast<double>(random());
    const auto narrow = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(wide)) {
      ASSERT_EQ(read_double(written(wide)), wide);
    }
    if (std::isfinite(narrow)) {
      ASSERT_EQ(read_float(written(narrow)), narrow);
    }
    const auto number = static_cast<std::int64_t>(random());
    ASSERT_EQ(to_int64(scan(written(number))), number);
  }
}

TEST(JsonNumber, short_decimals_read_as_the_library_reads_them) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = std::to_string(random() % 100'000'000) + "." + std::to_string(random() % 1'000'000) + "e" +
                             std::to_string(static_cast<int>(random() % 80) - 40);
    double wide = 0;
    float narrow = 0;
    std::from_chars(text.data(), text.data() + text.size(), wide);
    ASSERT_EQ(read_double(text), wide) << text;
    if (std::from_chars(text.data(), text.data() + text.size(), narrow).ec == std::errc{}) {
      ASSERT_EQ(read_float(text), narrow) << text;
    }
  }
}

TEST(JsonNumber, the_short_way_to_fp32_agrees_with_the_long_one_or_declines) {
  std::mt19937_64 random(11);
  int taken = 0;
  for (int i = 0; i < 300'000; ++i) {
    const auto places = static_cast<std::size_t>(random() % 19);
    std::string text = std::to_string(random() % 10'000'000'000'000'000'000U >> (random() % 60));
    if (places > 0 && places < text.size()) text.insert(text.size() - places, ".");
    if (random() % 2 == 0) text.insert(0, "-");
    const std::string followed = text + ",1234567890";  // so that it may be read as one word
    const PlainFloat plain = scan_plain_float(followed.data(), followed.data() + followed.size());
    if (plain.end == nullptr) continue;
    ++taken;
    ASSERT_EQ(plain.end, followed.data() + text.size()) << text;
    float expected = 0;
    std::from_chars(text.data(), text.data() + text.size(), expected);
    ASSERT_EQ(plain.value, expected) << text;
    const PlainFloat at_end = scan_plain_float(text.data(), text.data() + text.size());
    ASSERT_EQ(at_end.value, expected) << text;
    ASSERT_EQ(at_end.end, text.data() + text.size());
  }
  EXPECT_GT(taken, 290'000);
  for (const std::string_view text :
       {"", "-", "1.", ".5", "01", "1e5", "x", "-01", "1.5e3", "12345678901234567890", "16777217"}) {
    EXPECT_EQ(scan_plain_float(text.data(), text.data() + text.size()).end, nullptr) << text;
    const std::string followed = std::string(text) + ",1234567890";
    EXPECT_EQ(scan_plain_float(followed.data(), followed.data() + followed.size()).end, nullptr) << text;
  }
}

TEST(NumberText, floats_keep_their_type_and_specials_are_bare_words) {
  EXPECT_EQ(written(1.0F), "1.0");
  EXPECT_EQ(written(0.1F), "0.1");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1e30), "1e+30");
  EXPECT_EQ(written(-0.0), "-0.0");
  EXPECT_EQ(written(std::nanf("")), "NaN");
  EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "-Infinity");
}

}  // namespace
}  // namespace slipway::codec
