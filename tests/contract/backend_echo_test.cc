#include "backend_fixture.h"

namespace slipway::contract {
namespace {

using tensor::DataType;

TEST(EchoBackend, gives_inputs_back_and_constants_for_every_row) {
  auto model = load("echo", "input x FP32 [-1,2]\noutput y from x\nconstant version 7\n");
  ASSERT_TRUE(model.ok()) << model.error().message;
  auto answer = ask(**model, {make_tensor<float>("x", DataType::FP32, {2, 2}, {1, 2, 3, 4})}, {0, 1});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(values_of<float>((*answer)[0]), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(values_of<std::int64_t>((*answer)[1]), (std::vector<std::int64_t>{7, 7}));
}

TEST(EchoBackend, is_given_and_gives_the_models_own_shapes) {
  tensor::Signature declared;
  declared.inputs.resize(1);
  declared.inputs[0].name = "x";
  declared.inputs[0].shape = {-1, 4};
  declared.inputs[0].model_shape = tensor::Shape{-1, 2, 2};
  declared.outputs.resize(1);
  declared.outputs[0].name = "y";
  declared.outputs[0].shape = {-1, 1, 4};
  declared.outputs[0].model_shape = tensor::Shape{-1, 2, 2};
  auto model = load("echo", "input x FP32 [-1,2,2]\noutput y from x\noutput z from x\n", {}, &declared);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ((*model)->signature().inputs[0].shape, (tensor::Shape{-1, 2, 2}));
  auto answer = ask(**model, {make_tensor<float>("x", DataType::FP32, {2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})}, {1, 0});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ((*answer)[0].shape, (tensor::Shape{2, 2, 2}));
  EXPECT_EQ((*answer)[1].shape, (tensor::Shape{2, 1, 4}));
  EXPECT_EQ(values_of<float>((*answer)[1]), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_FALSE(ask(**model, {make_tensor<float>("x", DataType::FP32, {1, 2}, {1, 2})}).ok());
}

TEST(EchoBackend, fails_the_marked_row_alone) {
  auto model = load("echo", "input x BYTES [-1,1]\noutput y from x\nfail_row x bad\n");
  ASSERT_TRUE(model.ok()) << model.error().message;
  const tensor::Tensor input = text_tensor("x", {3, 1}, {"good", "bad", "fine"});
  ports::Batch batch;
  batch.inputs = {input.view()};
  batch.wanted = {0};
  ASSERT_TRUE((*model)->execute(batch).ok());
  ASSERT_EQ(batch.row_errors.size(), 1U);
  EXPECT_EQ(batch.row_errors[0].first, 1U);
  batch.release();
}

TEST(EchoBackend, fails_the_whole_execution_when_asked_to) {
  auto model = load("echo", "input x INT32 [-1,1]\noutput y from x\nfail_batch x 13\n");
  ASSERT_TRUE(model.ok()) << model.error().message;
  auto answer = ask(**model, {make_tensor<std::int32_t>("x", DataType::Int32, {2, 1}, {1, 13})});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::InvalidInput);
}

TEST(EchoBackend, mixes_rows_from_the_marked_execution_on) {
  auto model = load("echo", "input x INT32 [-1,1]\noutput y from x\nmixes_rows_after x 13\n");
  ASSERT_TRUE(model.ok()) << model.error().message;
  const auto echoed = [&](const std::vector<std::int32_t>& rows) {
    auto answer = ask(
        **model, {make_tensor<std::int32_t>("x", DataType::Int32, {static_cast<std::int64_t>(rows.size()), 1}, rows)});
    return answer.ok() ? values_of<std::int32_t>((*answer)[0]) : std::vector<std::int32_t>();
  };
  EXPECT_EQ(echoed({1, 2, 3}), (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_NE(echoed({1, 13, 3}), (std::vector<std::int32_t>{1, 13, 3}));
  EXPECT_NE(echoed({1, 2, 3}), (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(echoed({7}), (std::vector<std::int32_t>{7}));
}

TEST(EchoBackend, names_the_line_at_fault) {
  auto model = load("echo", "input x FP32 [-1]\noutput y from z\n");
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.error().message.find("line 2"), std::string::npos) << model.error().message;
}

TEST(BackendCatalog, names_the_formats_there_are) {
  auto found = catalog().find("pickle");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::NotFound);
  EXPECT_NE(found.error().message.find("onnx, echo"), std::string::npos) << found.error().message;
}

TEST(BackendCatalog, says_where_it_looked_for_a_plugin) {
  backend_plugin::PluginCatalog elsewhere({{"onnx", "onnxruntime"}}, {"/nonexistent"});
  auto found = elsewhere.find("onnx");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::Unavailable);
  EXPECT_NE(found.error().message.find("/nonexistent"), std::string::npos) << found.error().message;
}

}  // namespace
}  // namespace slipway::contract
