#include "base/bytes.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

struct Row {
  const char* text;
  std::uint64_t count;
};

TEST(Bytes, are_read_in_binary_and_decimal_units) {
  const Row rows[] = {{"0", 0},
                      {"512", 512},
                      {"512B", 512},
                      {"64KiB", 65'536},
                      {"1 MiB", 1'048'576},
                      {"2GiB", 2'147'483'648},
                      {"1TiB", 1'099'511'627'776},
                      {"1.5GB", 1'500'000'000},
                      {"3KB", 3'000},
                      {"2MB", 2'000'000}};
  for (const Row& row : rows) EXPECT_EQ(parse_bytes(row.text).value().count, row.count) << row.text;
}

TEST(Bytes, refuse_what_is_no_amount_and_show_the_forms) {
  for (const char* text : {"", "KiB", "-1", "1kib", "1 KiB ", "1e400", "inf", "nan", "99999999TiB", "1,5GB", "0x10"}) {
    const auto amount = parse_bytes(text);
    ASSERT_FALSE(amount.ok()) << text;
    EXPECT_NE(amount.error().message.find("64KiB"), std::string::npos) << text;
  }
}

TEST(Bytes, are_printed_in_the_largest_unit_that_divides_them) {
  EXPECT_EQ(to_string(Bytes{0}), "0B");
  EXPECT_EQ(to_string(Bytes{1000}), "1000B");
  EXPECT_EQ(to_string(kibibytes(64)), "64KiB");
  EXPECT_EQ(to_string(mebibytes(256)), "256MiB");
  EXPECT_EQ(to_string(gibibytes(2)), "2GiB");
  EXPECT_EQ(to_string(gibibytes(4096)), "4TiB");
}

TEST(CheckedArithmetic, tells_when_a_size_overflows) {
  EXPECT_EQ(checked_multiply(1ULL << 32, 1ULL << 31), 1ULL << 63);
  EXPECT_EQ(checked_multiply(1ULL << 32, 1ULL << 32), std::nullopt);
  EXPECT_EQ(checked_multiply(0, UINT64_MAX), 0U);
  EXPECT_EQ(checked_add(UINT64_MAX - 1, 1), UINT64_MAX);
  EXPECT_EQ(checked_add(UINT64_MAX, 1), std::nullopt);
}

}  // namespace
}  // namespace slipway
