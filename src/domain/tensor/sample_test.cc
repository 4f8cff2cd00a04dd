#include "domain/tensor/sample.h"

#include <gtest/gtest.h>

#include <cstring>

namespace slipway::tensor {
namespace {

TensorSpec spec(std::string name, DataType type, Shape shape) {
  TensorSpec made;
  made.name = std::move(name);
  made.datatype = type;
  made.shape = shape;
  return made;
}

TEST(SampleInputs, pass_the_check_of_their_signature_for_every_datatype) {
  Signature signature;
  for (int type = 1; type <= 14; ++type) {
    signature.inputs.push_back(spec("x" + std::to_string(type), static_cast<DataType>(type), {-1, 3, -1}));
  }
  const auto inputs = sample_inputs(signature, 5, 1);
  std::vector<TensorView> views;
  for (const Tensor& input : inputs) views.push_back(input.view());
  const auto checked = check_request(signature, views, 64);
  EXPECT_TRUE(checked.ok()) << checked.error().message;
}

TEST(SampleInputs, leave_out_optional_inputs) {
  Signature signature{{spec("x", DataType::FP32, {-1}), spec("w", DataType::FP32, {-1})}, {}};
  signature.inputs[1].optional = true;
  EXPECT_EQ(sample_inputs(signature, 1, 1).size(), 1U);
}

TEST(SampleInputs, keep_a_row_the_same_whatever_the_number_of_rows) {
  const Signature signature{{spec("x", DataType::FP32, {-1, 4})}, {}};
  const auto one = sample_inputs(signature, 1, 7), many = sample_inputs(signature, 9, 7);
  EXPECT_EQ(std::memcmp(one[0].data.data(), many[0].data.data(), one[0].data.size()), 0);
  EXPECT_NE(one[0].data, sample_inputs(signature, 1, 8)[0].data);
}

TEST(SampleInputs, lie_within_the_declared_ranges) {
  Signature signature{{spec("x", DataType::FP64, {-1, 2})}, {}};
  signature.inputs[0].ranges = {ValueRange{10, 20}, ValueRange{-3, -2}};
  const auto inputs = sample_inputs(signature, 50, 1);
  std::vector<double> values(100);
  std::memcpy(values.data(), inputs[0].data.data(), 800);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_GE(values[i], i % 2 == 0 ? 10 : -3);
    EXPECT_LE(values[i], i % 2 == 0 ? 20 : -2);
  }
}

}  // namespace
}  // namespace slipway::tensor
