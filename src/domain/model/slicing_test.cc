#include "domain/model/slicing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::model {
namespace {

using testing::HasSubstr;

SliceColumn column(std::string name, std::vector<std::string> values) {
  SliceSource source{.name = std::string(kSliceHeader) + name};
  return {std::move(name), std::move(source), std::move(values)};
}

std::vector<std::string> numbered(int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(std::to_string(i));
  return values;
}

std::string refusal(std::vector<SliceColumn> columns) {
  const auto checked = check(Slicing{std::move(columns)});
  return checked.ok() ? "ok" : checked.error().message;
}

TEST(Slicing, sources_are_read_from_their_text) {
  for (const char* text :
       {"header x-country", "query country", "input age", "input features[3]", "input a b[0][7]", "principal"}) {
    const auto source = parse_slice_source(text);
    ASSERT_TRUE(source) << text;
    EXPECT_EQ(text_of(*source), text);
  }
  EXPECT_EQ(parse_slice_source("input features[3]")->element, 3U);
  for (const char* text : {"", "header", "cookie c", "principal x", "input x[", "input x[]", "input x[3", "input x]",
                           "input x[-1]", "input x[3a]"}) {
    const auto source = parse_slice_source(text);
    EXPECT_TRUE(!source || text_of(*source) == text) << text;
  }
}

TEST(Slicing, a_label_has_a_place_for_each_column) {
  const Slicing slicing{{column("country", {"DE", "FR"}), column("device", {"phone"}), column("hour", numbered(24))}};
  for (const std::vector<std::uint32_t>& places :
       {std::vector<std::uint32_t>{0, 0, 0}, {1, 0, 24}, {2, 1, 7}, {0, 1, 0}}) {
    const std::uint16_t label = slice_label(slicing, places);
    for (std::size_t i = 0; i < places.size(); ++i) EXPECT_EQ(slice_place(slicing, label, i), places[i]);
  }
  EXPECT_EQ(slice_label(slicing, std::vector<std::uint32_t>{0, 0, 0}), 0);
}

TEST(Slicing, the_last_of_the_most_labels_fits) {
  const std::vector<SliceColumn> most(4, column("c", numbered(15)));
  const Slicing slicing{most};
  const std::uint16_t label = slice_label(slicing, std::vector<std::uint32_t>(4, 15));
  EXPECT_EQ(label, 65'535);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(slice_place(slicing, label, i), 15U);
}

TEST(Slicing, that_cannot_be_is_refused_by_name) {
  EXPECT_EQ(refusal({column("a", {"1"}), column("b", numbered(60))}), "ok");
  EXPECT_THAT(refusal({column("a", {})}), HasSubstr("column \"a\": expected at least one value"));
  EXPECT_THAT(refusal({column("a", {"1", "1"})}), HasSubstr("each value once, found \"1\" twice"));
  EXPECT_THAT(refusal({column("a", {"1"}), column("a", {"2"})}), HasSubstr("each column once, found \"a\" twice"));
  EXPECT_THAT(refusal({column("a b", {"1"})}), HasSubstr("name: expected one of a-z"));
  EXPECT_THAT(refusal({column("Country", {"1"})}), HasSubstr("needs to say what it is read from"));
  EXPECT_THAT(refusal({column("a", {"x\ny"})}), HasSubstr("value: expected UTF-8 that prints"));
  EXPECT_THAT(refusal({column("a", numbered(65))}), HasSubstr("at most 64 values of all columns together, found 65"));
  std::vector<SliceColumn> wide;
  for (int i = 0; i < 4; ++i) wide.push_back(column("c" + std::to_string(i), numbered(16)));
  EXPECT_THAT(refusal(wide), HasSubstr("at most 65536 ways"));
  std::vector<SliceColumn> many;
  for (int i = 0; i < 17; ++i) many.push_back(column("c" + std::to_string(i), {"x"}));
  EXPECT_THAT(refusal(many), HasSubstr("at most 16 columns, found 17"));
}

}  // namespace
}  // namespace slipway::model
