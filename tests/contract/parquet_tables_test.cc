// Parquet as pyarrow writes it, through the plugin and its ABI.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include "adapter/table_plugin/parquet_tables.h"
#include "scratch_folder.h"

namespace slipway::contract {
namespace {

using ports::CellKind;
using ports::Table;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Parquet : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = std::make_unique<testing_ground::ScratchFolder>();
    const std::string command = SLIPWAY_ARROW_PYTHON " " SLIPWAY_WRITE_PARQUET " '" + files_->path() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << "run `make setup-test`";
  }
  static void TearDownTestSuite() { files_.reset(); }

  static std::vector<std::byte> content(const std::string& name) {
    std::ifstream file(*files_ / (name + ".parquet"), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return {as_bytes(text).begin(), as_bytes(text).end()};
  }
  static Result<Table> read(const std::string& name, ports::TableLimits limits = {}) {
    const auto reader = table_plugin::ParquetTables::open({SLIPWAY_BUILT_BACKENDS}, limits);
    if (!reader.ok()) return reader.error();
    return (*reader)->read(content(name), name + ".parquet");
  }
  static std::string refused(const std::string& name, ports::TableLimits limits = {}) {
    const auto table = read(name, limits);
    return table.ok() ? "read" : table.error().message;
  }
  static inline std::unique_ptr<testing_ground::ScratchFolder> files_;
};

TEST_F(Parquet, integers_of_every_width_are_numbers) {
  const auto table = read("integers");
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->columns.size(), 8U);
  for (const auto& column : table->columns) {
    EXPECT_EQ(column.kind, CellKind::Number) << column.name;
    EXPECT_EQ(column.numbers[0], 1) << column.name;
    EXPECT_EQ(column.numbers[2], 100) << column.name;
    EXPECT_THAT(column.missing, ElementsAre(false, true, false)) << column.name;
  }
}

TEST_F(Parquet, floats_keep_their_values_and_nan_is_missing) {
  const auto table = read("floats").value();
  EXPECT_EQ(table.columns[0].numbers[0], 0.5);
  EXPECT_EQ(table.columns[0].numbers[2], -2);
  EXPECT_EQ(table.columns[1].numbers[0], static_cast<double>(0.1F));
  EXPECT_THAT(table.columns[1].missing, ElementsAre(false, true, true));
  EXPECT_EQ(table.columns[2].numbers[0], 0.1);
  EXPECT_EQ(table.columns[2].numbers[2], std::numeric_limits<double>::infinity());
  EXPECT_EQ(table.columns[3].numbers[0], 1);
  EXPECT_EQ(table.columns[3].numbers[2], 0);
}

TEST_F(Parquet, whole_numbers_that_would_change_stay_texts) {
  const auto table = read("whole").value();
  EXPECT_EQ(table.columns[0].numbers[0], 9007199254740991.0);
  EXPECT_THAT(table.columns[1].texts, ElementsAre("9007199254740993", "-7"));
  EXPECT_THAT(table.columns[2].texts, ElementsAre("18446744073709551615", "7"));
}

TEST_F(Parquet, decimals_are_numbers) {
  const auto table = read("decimals").value();
  EXPECT_EQ(table.columns[0].numbers[0], 1.25);
  EXPECT_EQ(table.columns[0].numbers[2], -1000000.5);
}

TEST_F(Parquet, texts_may_be_empty_missing_and_coded) {
  const auto table = read("texts").value();
  EXPECT_THAT(table.columns[0].texts, ElementsAre("Bern", "", ""));
  EXPECT_THAT(table.columns[0].missing, ElementsAre(false, true, false));
  EXPECT_THAT(table.columns[1].texts, ElementsAre("a", "\u00e9", ""));
  EXPECT_THAT(table.columns[2].texts, ElementsAre("x", "y", ""));
  EXPECT_THAT(table.columns[2].missing, ElementsAre(false, false, true));
  EXPECT_THAT(table.columns[3].missing, ElementsAre(true, true, true));
}

TEST_F(Parquet, coded_numbers_are_numbers) {
  const auto table = read("coded").value();
  EXPECT_EQ(table.columns[0].kind, CellKind::Number);
  EXPECT_EQ(table.columns[0].numbers[2], 1.5);
  EXPECT_THAT(table.columns[0].missing, ElementsAre(false, true, false));
  EXPECT_THAT(table.columns[1].numbers, ElementsAre(3, 4, 3));
}

TEST_F(Parquet, times_are_texts) {
  const auto table = read("times").value();
  EXPECT_THAT(table.columns[0].texts, ElementsAre("2026-11-22", ""));
  EXPECT_THAT(table.columns[1].texts[0], HasSubstr("2026-11-22 10:30:00"));
}

TEST_F(Parquet, row_groups_and_codecs_make_no_difference) {
  for (const char* codec : {"none", "snappy", "zstd", "gzip", "lz4", "brotli"}) {
    const auto table = read(std::string("groups_") + codec);
    ASSERT_TRUE(table.ok()) << codec << ": " << table.error().message;
    ASSERT_EQ(table->rows, 10'000U);
    for (std::size_t i = 0; i < table->rows; ++i) ASSERT_EQ(table->columns[0].numbers[i], static_cast<double>(i));
    EXPECT_EQ(table->columns[1].texts[9'999], "row 99");
  }
}

TEST_F(Parquet, what_is_no_table_of_cells_is_told) {
  EXPECT_THAT(refused("nested"), HasSubstr("nested.parquet: expected a whole Parquet file: \"list\": expected numbers, "
                                           "texts, times or truths, found list"));
  EXPECT_THAT(refused("binary"), HasSubstr("found binary"));
  EXPECT_EQ(refused("no_rows"), "no_rows.parquet: expected at least one row, found none");
  EXPECT_EQ(refused("no_columns"), "no_columns.parquet: expected at least one column, found none");
  EXPECT_EQ(refused("twice"), "twice.parquet: \"a\": expected each column once, found it as columns 1 and 2");
  EXPECT_THAT(refused("not_there"), HasSubstr("expected a whole Parquet file: "));
}

TEST_F(Parquet, more_than_the_limits_is_refused) {
  EXPECT_THAT(refused("many", {.rows = 5}), HasSubstr("expected at most 5 rows, found 6"));
  EXPECT_THAT(refused("integers", {.columns = 7}), HasSubstr("expected at most 7 columns, found 8"));
  EXPECT_THAT(refused("integers", {.cells = 23}), HasSubstr("expected at most 23 cells, found more"));
}

TEST_F(Parquet, a_file_cut_anywhere_is_refused) {
  const auto reader = table_plugin::ParquetTables::open({SLIPWAY_BUILT_BACKENDS}).value();
  const auto whole = content("texts");
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    EXPECT_FALSE(reader->read(std::span(whole).first(length), "cut.parquet").ok()) << length;
  }
}

TEST(ParquetPlugin, that_is_missing_is_told_with_the_way_to_get_it) {
  const auto reader = table_plugin::ParquetTables::open({"/nowhere", "/nothing"});
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(
      reader.error().message,
      "Parquet is read by the plugin slipway_table_parquet.so, which is in none of: /nowhere, /nothing; get it with "
      "`tools/setup.sh parquet` and another build, or convert the data to .csv or .jsonl");
}

}  // namespace
}  // namespace slipway::contract
