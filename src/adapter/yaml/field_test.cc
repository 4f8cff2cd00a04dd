#include "adapter/yaml/field.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "adapter/yaml/unknown_key.h"

namespace slipway::yaml {
namespace {

TEST(Field, whole_numbers_are_decimal) {
  EXPECT_EQ(parse_integer("-12"), -12);
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
  for (const std::string_view text :
       {"", "-", "+1", "010", "0x10", "1.0", "1e3", " 1", "1 ", "9223372036854775808", "1_000"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(Field, numbers_are_decimal_or_say_that_they_are_none) {
  EXPECT_EQ(parse_double("1.5e3"), 1500);
  EXPECT_EQ(parse_double("+2"), 2);
  EXPECT_EQ(parse_double(".5"), 0.5);
  EXPECT_EQ(parse_double("1e-999"), 0);
  EXPECT_EQ(parse_double("-.inf"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*parse_double(".nan")));
  EXPECT_EQ(parse_float("1e-60"), 0);
  EXPECT_EQ(parse_float("0.1"), 0.1F);
  for (const std::string_view text : {"", "inf", "nan", "1e999", "0x1p3", "1:30", "01", "1,5", "--1", "e5", "-"}) {
    EXPECT_EQ(parse_double(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_float("1e39"), std::nullopt);
}

TEST(Field, a_key_that_is_not_known_is_told_with_the_one_that_was_meant) {
  constexpr std::array<std::string_view, 4> kKnown = {"labels", "limits", "lineage", "golden"};
  EXPECT_EQ(unknown_key("lable", kKnown), "unknown key \"lable\"; did you mean \"labels\"?");
  EXPECT_EQ(unknown_key("zzz", kKnown), "unknown key \"zzz\"; known: labels, limits, lineage, golden");
}

}  // namespace
}  // namespace slipway::yaml
