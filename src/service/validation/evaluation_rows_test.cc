#include "service/validation/evaluation_rows.h"

#include <gmock/gmock.h>

#include "service/validation/gate_fixture.h"

namespace slipway::validation {
namespace {

using tensor::DataType;
using testing::ElementsAre;
using testing::HasSubstr;

tensor::Signature signature_of(DataType type, tensor::Shape shape = {-1, 1}, std::vector<std::string> features = {}) {
  tensor::Signature signature;
  signature.inputs = {{.name = "x", .datatype = type, .shape = shape, .features = std::move(features)}};
  signature.outputs = {{.name = "p", .shape = {-1, 1}}};
  return signature;
}
std::string refused(const ports::Table& rows, const tensor::Signature& signature) {
  const auto plan = tensor::RowPlan::of(signature);
  const auto made = make_inputs(rows, *plan);
  return made.ok() ? "it was taken" : made.error().message;
}

TEST(EvaluationRows, columns_become_the_rows_of_an_input_in_the_order_of_its_features) {
  const auto signature = signature_of(DataType::FP32, {-1, 2}, {"a", "b"});
  const auto plan = tensor::RowPlan::of(signature);
  const auto made = make_inputs(table({numbers("b", {10, 20}), numbers("a", {1, 2})}), *plan);
  ASSERT_TRUE(made.ok()) << made.error().message;
  std::vector<float> values(4);
  ASSERT_EQ(made->inputs.front().data.size(), values.size() * sizeof(float));
  std::memcpy(values.data(), made->inputs.front().data.data(), values.size() * sizeof(float));
  EXPECT_THAT(values, ElementsAre(1, 10, 2, 20));
  EXPECT_EQ(made->set("hold-out").inputs.front().shape, (tensor::Shape{2, 2}));
}

TEST(EvaluationRows, what_does_not_fit_is_told_with_column_and_row) {
  const struct {
    ports::Table rows;
    DataType type;
    const char* why;
  } cases[] = {
      {table({numbers("y", {1})}), DataType::FP32, "expected a column \"x\", found none"},
      {table({texts("x", {"1", "red"})}), DataType::FP32, "column \"x\", row 1: expected a value of FP32, found \"1\""},
      {table({numbers("x", {1, 1.5})}), DataType::Int64, "row 2: expected a value of INT64, found \"1.5\""},
      {table({numbers("x", {1, kMissing})}), DataType::Int32, "row 2: expected a value of INT32, found none"},
      {table({numbers("x", {256})}), DataType::UInt8, "expected a value of UINT8, found \"256\""},
      {table({numbers("x", {-1})}), DataType::UInt64, "expected a value of UINT64, found \"-1\""},
      {table({numbers("x", {1e19})}), DataType::Int64, "expected a value of INT64"},
      {table({numbers("x", {2})}), DataType::Bool, "expected a value of BOOL, found \"2\""},
  };
  for (const auto& one : cases) EXPECT_THAT(refused(one.rows, signature_of(one.type)), HasSubstr(one.why));
}

TEST(EvaluationRows, a_gap_is_nan_where_the_input_has_floating_point) {
  const auto signature = signature_of(DataType::FP64);
  const auto made = make_inputs(table({numbers("x", {kMissing})}), *tensor::RowPlan::of(signature));
  ASSERT_TRUE(made.ok()) << made.error().message;
  double value = 0;
  std::memcpy(&value, made->inputs.front().data.data(), sizeof value);
  EXPECT_TRUE(std::isnan(value));
}

TEST(EvaluationRows, an_input_that_does_not_count_rows_is_refused) {
  EXPECT_THAT(refused(table({numbers("x[0]", {1}), numbers("x[1]", {1})}), signature_of(DataType::FP32, {2})),
              HasSubstr("expected a first dimension that counts rows, found shape [2]"));
}

TEST(EvaluationRows, the_schema_tells_what_is_absent_unknown_missing_and_out_of_range) {
  auto signature = signature_of(DataType::FP32, {-1, 2}, {"a", "b"});
  signature.inputs[0].ranges = {tensor::ValueRange{0, 1}, std::nullopt};
  const auto rows = table({numbers("a", {0.5, 2, kMissing}), numbers("label", {0, 1, 0}), texts("z", {"u", "v", "w"})});
  const auto found = look_at_schema(rows, *tensor::RowPlan::of(signature), {"label"});
  EXPECT_THAT(found.absent, ElementsAre("b"));
  EXPECT_THAT(found.unknown, ElementsAre("z"));
  ASSERT_EQ(found.columns.size(), 1U);
  EXPECT_EQ(found.columns[0].missing, 1U);
  EXPECT_EQ(found.columns[0].out_of_range, 1U);
  EXPECT_TRUE(found.columns[0].type_fits);
}

}  // namespace
}  // namespace slipway::validation
