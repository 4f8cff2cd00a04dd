#include "service/validation/disturbed_rows.h"

#include <gmock/gmock.h>

#include "service/validation/gate_fixture.h"

namespace slipway::validation {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

const model::Manifest kScorer = scorer();

ports::Table rows() {
  return table({numbers("x", {0, 1, 2, kMissing}), texts("country", {"DE", "FR", "DE", ""})});
}
Result<ports::Table> disturbed_by(gate::Disturbance kind, std::uint64_t seed = 1,
                                  std::vector<std::string> columns = {}) {
  ports::RobustnessTest test;
  test.kind = kind;
  test.columns = std::move(columns);
  test.scale = 1;
  return disturbed(rows(), test, *tensor::RowPlan::of(kScorer.signature), seed);
}

TEST(DisturbedRows, where_selects_rows_by_the_text_of_columns) {
  EXPECT_THAT(rows_where(rows(), {{"country", "DE"}}).value(), ElementsAre(0U, 2U));
  EXPECT_THAT(rows_where(rows(), {{"country", "DE"}, {"x", "2"}}).value(), ElementsAre(2U));
  EXPECT_THAT(rows_where(rows(), {}).value(), ElementsAre(0U, 1U, 2U, 3U));
  EXPECT_THAT(rows_where(rows(), {{"city", "Bonn"}}).error().message,
              HasSubstr("expected a column \"city\", found none"));
}

TEST(DisturbedRows, numbers_are_changed_by_arithmetic_and_any_column_may_be_set) {
  const auto found = changed(rows(), {{.column = "x", .set = {}, .add = 1.0, .multiply = 2.0},
                                      {.column = "country", .set = "IT", .add = {}, .multiply = {}}});
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->columns[0].numbers[2], 5);
  EXPECT_TRUE(std::isnan(found->columns[0].numbers[3]));
  EXPECT_THAT(found->columns[1].texts, Each("IT"));
}

TEST(DisturbedRows, a_change_that_cannot_be_made_is_told) {
  const auto refused = [](ports::ColumnChange change) { return changed(rows(), {std::move(change)}).error().message; };
  EXPECT_THAT(refused({.column = "y", .set = "1", .add = {}, .multiply = {}}), HasSubstr("expected a column \"y\""));
  EXPECT_THAT(refused({.column = "country", .set = {}, .add = 1.0, .multiply = {}}), HasSubstr("expected numbers"));
  EXPECT_THAT(refused({.column = "x", .set = "red", .add = {}, .multiply = {}}), HasSubstr("expected a number to set"));
}

TEST(DisturbedRows, noise_is_the_same_for_the_same_seed_and_leaves_gaps) {
  const auto first = disturbed_by(gate::Disturbance::Noise)->columns[0].numbers;
  EXPECT_EQ(first[0], disturbed_by(gate::Disturbance::Noise)->columns[0].numbers[0]);
  EXPECT_NE(first[0], disturbed_by(gate::Disturbance::Noise, 2)->columns[0].numbers[0]);
  EXPECT_NE(first[0], 0);
  EXPECT_TRUE(std::isnan(first[3]));
}

TEST(DisturbedRows, out_of_range_lies_beyond_the_largest_value_and_missing_is_missing) {
  EXPECT_THAT(disturbed_by(gate::Disturbance::OutOfRange)->columns[0].numbers, Each(4.0));
  EXPECT_THAT(disturbed_by(gate::Disturbance::MissingValue)->columns[0].missing, Each(true));
}

TEST(DisturbedRows, what_can_be_done_to_no_column_is_told) {
  EXPECT_THAT(disturbed_by(gate::Disturbance::UnseenCategory).error().message, HasSubstr("expected a column of texts"));
  EXPECT_THAT(disturbed_by(gate::Disturbance::Noise, 1, {"country"}).error().message, HasSubstr("column of numbers"));
  EXPECT_THAT(disturbed_by(gate::Disturbance::Noise, 1, {"y"}).error().message, HasSubstr("expected a column \"y\""));
  EXPECT_TRUE(disturbed_by(gate::Disturbance::UnseenCategory, 1, {"country"}).ok());
}

}  // namespace
}  // namespace slipway::validation
