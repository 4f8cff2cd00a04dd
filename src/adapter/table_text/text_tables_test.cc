#include "adapter/table_text/text_tables.h"

#include <gtest/gtest.h>

#include <cmath>

namespace slipway::table_text {
namespace {

using ports::CellKind;

Result<ports::Table> read(std::string_view text, std::string_view name = "eval.csv") {
  return TextTables({.rows = 5, .columns = 3, .cells = 9}).read(as_bytes(text), name);
}
std::string refused(std::string_view text, std::string_view name = "eval.csv") {
  const auto table = read(text, name);
  return table.ok() ? "it was read" : table.error().message;
}

TEST(TextTables, a_csv_has_numbers_texts_and_gaps) {
  const auto table = read("age,city,note\r\n41,Bern,\r\n,\"Basel, BS\",3\r\n 1e1 ,NaN,x\n");
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->rows, 3u);
  const auto& age = table->columns[0];
  EXPECT_EQ(age.kind, CellKind::Number);
  EXPECT_EQ(age.numbers[0], 41);
  EXPECT_TRUE(std::isnan(age.numbers[1]));
  EXPECT_EQ(age.numbers[2], 10);
  EXPECT_EQ(age.missing, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(table->columns[1].kind, CellKind::Text);
  EXPECT_EQ(table->columns[1].texts, (std::vector<std::string>{"Bern", "Basel, BS", "NaN"}));
  EXPECT_EQ(table->columns[2].texts, (std::vector<std::string>{"", "3", "x"}));
  EXPECT_TRUE(table->columns[2].missing[0]);
}

TEST(TextTables, json_lines_may_leave_columns_out_and_name_new_ones) {
  const auto table = read("{\"a\": 1, \"b\": \"7\"}\n\n{\"c\": true}\r\n{\"a\": null, \"b\": \"\"}\n", "eval.jsonl");
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->rows, 3u);
  EXPECT_EQ(table->columns[0].missing, (std::vector<bool>{false, true, true}));
  EXPECT_EQ(table->columns[1].kind, CellKind::Text);
  EXPECT_EQ(table->columns[1].texts, (std::vector<std::string>{"7", "", ""}));
  EXPECT_EQ(table->columns[1].missing, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(table->columns[2].numbers[1], 1);
}

TEST(TextTables, whole_numbers_that_would_change_stay_texts) {
  EXPECT_EQ(read("id\n9007199254740993\n")->columns[0].kind, CellKind::Text);
  EXPECT_EQ(read("id\n9007199254740991\n")->columns[0].kind, CellKind::Number);
}

TEST(TextTables, what_is_wrong_is_told_with_its_place) {
  EXPECT_EQ(refused(""), "eval.csv: expected a heading with the columns' names, found nothing");
  EXPECT_EQ(refused("a,b\n"), "eval.csv: expected at least one row, found none");
  EXPECT_EQ(refused("a,b\n1,2\n3\n"), "eval.csv: line 3: expected 2 cells as in the heading, found 1");
  EXPECT_EQ(refused("a,b,a\n"), "eval.csv: line 1: expected each column once, found \"a\" as columns 1 and 3");
  EXPECT_EQ(refused("a,\n"), "eval.csv: line 1: column 2: expected a name, found none");
  EXPECT_EQ(refused("a\n\"\n"), "eval.csv: line 2: expected a closing quote, found the end of the text");
  EXPECT_EQ(refused("a\n\xff\n"), "eval.csv: line 2: \"a\": expected UTF-8, found \"\\xff\"");
  EXPECT_EQ(refused("{\"a\": [1]}", "eval.jsonl"),
            "eval.jsonl: line 1: expected a number, a text, true, false or null, found an array at $.a, byte 6");
  EXPECT_EQ(refused("{\"a\": 1, \"a\": 2}", "eval.jsonl"), "eval.jsonl: line 1: \"a\" is there twice");
  EXPECT_EQ(refused("[1]", "eval.ndjson").substr(0, 20), "eval.ndjson: line 1:");
  EXPECT_EQ(refused("", "eval.jsonl"), "eval.jsonl: expected at least one row, found none");
  EXPECT_EQ(refused("x", "eval.xlsx"),
            "eval.xlsx: expected evaluation data that ends in .csv, .jsonl, .ndjson or .parquet");
}

TEST(TextTables, columns_that_the_last_row_names_count_in_every_row) {
  const std::string rows = "{\"a\": 1}\n{\"a\": 2}\n{\"a\": 3}\n{\"a\": 4}\n";
  EXPECT_EQ(refused(rows + "{\"a\": 5, \"b\": 1}", "eval.jsonl"),
            "eval.jsonl: line 5: expected at most 9 cells, found more");
  EXPECT_EQ(refused(rows + "{\"b\": null}", "eval.jsonl"), "eval.jsonl: line 5: expected at most 9 cells, found more");
  EXPECT_EQ(read("{\"a\": 1}\n{\"a\": 2}\n{\"b\": 1, \"c\": 2}", "eval.jsonl")->columns.size(), 3U);
}

TEST(TextTables, more_than_the_limits_is_refused) {
  EXPECT_EQ(refused("a,b,c,d\n"), "eval.csv: line 1: expected at most 3 columns, found more");
  EXPECT_EQ(refused("a\n1\n2\n3\n4\n5\n6\n"), "eval.csv: line 7: expected at most 5 rows, found more");
  EXPECT_EQ(refused("a,b,c\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n"), "eval.csv: line 5: expected at most 9 cells, found more");
}

}  // namespace
}  // namespace slipway::table_text
