#include "domain/tensor/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace slipway::tensor {
namespace {

TEST(Half, every_fp16_value_survives_the_way_through_float) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const float value = fp16_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_fp16(value), bits);
  }
}

TEST(Half, every_bf16_value_survives_the_way_through_float) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const float value = bf16_to_float(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_bf16(value), bits);
  }
}

TEST(Half, known_values_have_known_bits) {
  EXPECT_EQ(float_to_fp16(1.0F), 0x3C00);
  EXPECT_EQ(float_to_fp16(-2.0F), 0xC000);
  EXPECT_EQ(float_to_fp16(65504.0F), 0x7BFF);
  EXPECT_EQ(float_to_fp16(0x1p-24F), 0x0001);
  EXPECT_EQ(float_to_bf16(1.0F), 0x3F80);
  EXPECT_EQ(fp16_to_float(0x3555), 0.333251953125F);
}

TEST(Half, rounding_goes_to_the_nearest_and_ties_to_even) {
  EXPECT_EQ(float_to_fp16(1.0F + 0x1p-11F), 0x3C00);
  EXPECT_EQ(float_to_fp16(1.0F + 3 * 0x1p-11F), 0x3C02);
  EXPECT_EQ(float_to_fp16(65519.0F), 0x7BFF);
  EXPECT_EQ(float_to_fp16(65520.0F), 0x7C00);
  EXPECT_EQ(float_to_fp16(0x1p-25F), 0x0000);
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3F808000u)), 0x3F80);
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3F818000u)), 0x3F82);
}

TEST(Half, nan_becomes_the_quiet_one) {
  EXPECT_EQ(float_to_fp16(-std::numeric_limits<float>::quiet_NaN()), 0x7E00);
  EXPECT_EQ(float_to_bf16(std::numeric_limits<float>::signaling_NaN()), 0x7FC0);
}

}  // namespace
}  // namespace slipway::tensor
