#include "adapter/probe_process/table_frames.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace slipway::probe_process {
namespace {

ports::Table table() {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  return {.rows = 3,
          .columns = {{.name = "age",
                       .kind = ports::CellKind::Number,
                       .numbers = {1, nothing, -2.5},
                       .texts = {},
                       .missing = {false, true, false}},
                      {.name = "city",
                       .kind = ports::CellKind::Text,
                       .numbers = {},
                       .texts = {"Bern", "", "a\nb"},
                       .missing = {false, true, false}}}};
}

std::string written(const ports::Table& source) {
  std::string bytes;
  write_table(source, [&](const FrameWriter& frame) { bytes += frame.bytes(); });
  return bytes;
}

Result<ports::Table> read(std::string_view bytes, ports::TableLimits limits = {}) {
  FrameReader frame(as_bytes(bytes));
  return read_table(frame, limits);
}

TEST(TableFrames, give_back_the_table) {
  const auto back = read(written(table()));
  ASSERT_TRUE(back.ok()) << back.error().message;
  ASSERT_EQ(back->columns.size(), 2U);
  EXPECT_EQ(back->rows, 3U);
  EXPECT_EQ(back->columns[0].numbers[2], -2.5);
  EXPECT_TRUE(std::isnan(back->columns[0].numbers[1]));
  EXPECT_EQ(back->columns[0].missing, table().columns[0].missing);
  EXPECT_EQ(back->columns[1].texts, table().columns[1].texts);
}

TEST(TableFrames, cut_anywhere_are_corrupt) {
  const std::string whole = written(table());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = read(whole.substr(0, length));
    ASSERT_FALSE(cut.ok()) << length;
    EXPECT_EQ(cut.error().code, ErrorCode::Corrupt);
  }
  EXPECT_FALSE(read(whole + "x").ok());
}

TEST(TableFrames, above_the_limits_are_corrupt) {
  EXPECT_FALSE(read(written(table()), {.rows = 2}).ok());
  EXPECT_FALSE(read(written(table()), {.columns = 1}).ok());
  EXPECT_FALSE(read(written(table()), {.cells = 5}).ok());
}

TEST(TableFrames, changed_at_random_are_read_or_refused) {
  const std::string whole = written(table());
  std::mt19937 random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = whole;
    for (int flips = 0; flips < 3; ++flips) changed[random() % changed.size()] = static_cast<char>(random());
    const auto back = read(changed);
    if (!back.ok()) {
      EXPECT_EQ(back.error().code, ErrorCode::Corrupt);
    }
  }
}

}  // namespace
}  // namespace slipway::probe_process
