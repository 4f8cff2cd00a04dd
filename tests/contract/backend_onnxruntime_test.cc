#include "backend_fixture.h"
#include "onnx_file.h"

namespace slipway::contract {
namespace {

using tensor::DataType;

struct TypeRow {
  OnnxType onnx;
  DataType ours;
  std::size_t size;
};
class EveryDatatype : public testing::TestWithParam<TypeRow> {};

TEST_P(EveryDatatype, passes_through_an_identity) {
  const TypeRow row = GetParam();
  const auto file =
      OnnxFile().input("x", row.onnx, {-1, 3}).output("y", row.onnx, {-1, 3}).node("Identity", {"x"}, {"y"});
  auto model = load("onnx", file.bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ((*model)->signature().inputs[0].datatype, row.ours);
  const bool text = row.ours == DataType::Bytes;
  tensor::Tensor input =
      text ? text_tensor("x", {2, 3},
                         {"a", "", std::string("b\0c", 3), "ä", "long enough to leave the small buffer", "f"})
           : tensor::Tensor{"x", row.ours, {2, 3}, std::vector<std::byte>(6 * row.size, std::byte{1})};
  auto answer = ask(**model, {input});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ((*answer)[0].data, input.data);
  EXPECT_EQ((*answer)[0].shape, input.shape);
}

INSTANTIATE_TEST_SUITE_P(
    backend_onnxruntime, EveryDatatype,
    testing::Values(TypeRow{OnnxType::Bool, DataType::Bool, 1}, TypeRow{OnnxType::UInt8, DataType::UInt8, 1},
                    TypeRow{OnnxType::UInt16, DataType::UInt16, 2}, TypeRow{OnnxType::UInt32, DataType::UInt32, 4},
                    TypeRow{OnnxType::UInt64, DataType::UInt64, 8}, TypeRow{OnnxType::Int8, DataType::Int8, 1},
                    TypeRow{OnnxType::Int16, DataType::Int16, 2}, TypeRow{OnnxType::Int32, DataType::Int32, 4},
                    TypeRow{OnnxType::Int64, DataType::Int64, 8}, TypeRow{OnnxType::Float16, DataType::FP16, 2},
                    TypeRow{OnnxType::Float, DataType::FP32, 4}, TypeRow{OnnxType::Double, DataType::FP64, 8},
                    TypeRow{OnnxType::BFloat16, DataType::BF16, 2}, TypeRow{OnnxType::String, DataType::Bytes, 0}),
    [](const auto& row) { return std::string(tensor::name_of(row.param.ours)); });

OnnxFile sum_of_two() {
  return OnnxFile()
      .input("a", OnnxType::Float, {-1, 2})
      .input("b", OnnxType::Float, {-1, 2})
      .initializer("b", OnnxType::Float, {1, 2}, std::string("\0\0\x80\x3f\0\0\x80\x3f", 8))  // 1, 1
      .output("sum", OnnxType::Float, {-1, 2})
      .output("product", OnnxType::Float, {-1, 2})
      .node("Add", {"a", "b"}, {"sum"})
      .node("Mul", {"a", "b"}, {"product"});
}

TEST(OnnxRuntimeBackend, an_input_with_an_initializer_is_optional) {
  auto model = load("onnx", sum_of_two().bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  ASSERT_EQ((*model)->signature().inputs.size(), 2U);
  EXPECT_FALSE((*model)->signature().inputs[0].optional);
  EXPECT_TRUE((*model)->signature().inputs[1].optional);
  const auto a = make_tensor<float>("a", DataType::FP32, {1, 2}, {2, 3});
  const auto b = make_tensor<float>("b", DataType::FP32, {1, 2}, {10, 10});
  EXPECT_EQ(values_of<float>(ask(**model, {a})->at(0)), (std::vector<float>{3, 4}));
  EXPECT_EQ(values_of<float>(ask(**model, {b, a})->at(0)), (std::vector<float>{12, 13}));
}

TEST(OnnxRuntimeBackend, gives_only_the_outputs_wanted_in_the_order_wanted) {
  auto model = load("onnx", sum_of_two().bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  auto answer = ask(**model, {make_tensor<float>("a", DataType::FP32, {1, 2}, {2, 3})}, {1, 0});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ((*answer)[0].name, "product");
  EXPECT_EQ((*answer)[1].name, "sum");
}

TEST(OnnxRuntimeBackend, keeps_no_answer_of_an_earlier_execution) {
  auto model = load("onnx", sum_of_two().bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  for (int rows = 1; rows < 20; ++rows) {
    const std::vector<float> values(static_cast<std::size_t>(rows) * 2, static_cast<float>(rows));
    auto answer = ask(**model, {make_tensor<float>("a", DataType::FP32, {rows, 2}, values)});
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(values_of<float>((*answer)[0]), std::vector<float>(values.size(), static_cast<float>(rows + 1)));
  }
}

TEST(OnnxRuntimeBackend, answers_the_same_shapes_again_with_values_of_their_own) {
  auto model = load("onnx", sum_of_two().bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  for (int i = 0; i < 40; ++i) {
    const int rows = 1 + i % 10;  // more shapes than are remembered
    const std::vector<float> values(static_cast<std::size_t>(rows) * 2, static_cast<float>(i));
    for (int again = 0; again < 3; ++again) {
      auto answer = ask(**model, {make_tensor<float>("a", DataType::FP32, {rows, 2}, values)}, {1, 0});
      ASSERT_TRUE(answer.ok()) << answer.error().message;
      EXPECT_EQ(values_of<float>((*answer)[0]), values);
      EXPECT_EQ(values_of<float>((*answer)[1]), std::vector<float>(values.size(), static_cast<float>(i + 1)));
      EXPECT_EQ((*answer)[1].shape, tensor::Shape({rows, 2}));
    }
  }
}

TEST(OnnxRuntimeBackend, passes_inputs_on_with_the_values_of_each_request) {
  const auto file = OnnxFile()
                        .input("x", OnnxType::Float, {-1})
                        .initializer("w", OnnxType::Float, {2}, std::string("\0\0\x80\x3f\0\0\0\x40", 8))  // 1, 2
                        .output("x", OnnxType::Float, {-1})
                        .output("w", OnnxType::Float, {2})
                        .output("y", OnnxType::Float, {-1})
                        .node("Identity", {"x"}, {"y"});
  auto model = load("onnx", file.bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  for (int i = 0; i < 5; ++i) {
    const std::vector<float> values = {static_cast<float>(i), 7};
    auto answer = ask(**model, {make_tensor<float>("x", DataType::FP32, {2}, values)}, {0, 1, 2});
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(values_of<float>((*answer)[0]), values);
    EXPECT_EQ(values_of<float>((*answer)[1]), (std::vector<float>{1, 2}));
    EXPECT_EQ(values_of<float>((*answer)[2]), values);
  }
}

TEST(OnnxRuntimeBackend, answers_when_the_shape_of_an_output_depends_on_the_values) {
  const auto file =
      OnnxFile().input("x", OnnxType::Float, {-1}).output("y", OnnxType::Int64, {1, -1}).node("NonZero", {"x"}, {"y"});
  auto model = load("onnx", file.bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  const std::vector<std::vector<float>> asked = {{1, 1, 0}, {1, 0, 1}, {0, 1, 1}, {0, 0, 1}, {1, 1, 1}, {0, 1, 0}};
  const std::vector<std::vector<std::int64_t>> places = {{0, 1}, {0, 2}, {1, 2}, {2}, {0, 1, 2}, {1}};
  for (std::size_t i = 0; i < asked.size(); ++i) {
    auto answer = ask(**model, {make_tensor<float>("x", DataType::FP32, {3}, asked[i])});
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(values_of<std::int64_t>((*answer)[0]), places[i]);
  }
}

TEST(OnnxRuntimeBackend, answers_on_after_a_request_that_failed) {
  const auto file = OnnxFile()
                        .input("at", OnnxType::Int64, {-1})
                        .initializer("of", OnnxType::Float, {2}, std::string("\0\0\x80\x3f\0\0\0\x40", 8))  // 1, 2
                        .output("y", OnnxType::Float, {-1})
                        .node("Gather", {"of", "at"}, {"y"});
  auto model = load("onnx", file.bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  for (const std::int64_t at : {0, 1, 0, 7, 1, 7, 0}) {
    auto answer = ask(**model, {make_tensor<std::int64_t>("at", DataType::Int64, {1}, {at})});
    ASSERT_EQ(answer.ok(), at < 2);
    if (at > 1) continue;
    EXPECT_EQ(values_of<float>((*answer)[0]), std::vector<float>{static_cast<float>(at + 1)});
  }
}

TEST(OnnxRuntimeBackend, reads_external_data_from_the_files_given) {
  const auto file = OnnxFile()
                        .input("a", OnnxType::Float, {-1, 2})
                        .external_initializer("w", OnnxType::Float, {1, 2}, "weights.bin")
                        .output("sum", OnnxType::Float, {-1, 2})
                        .node("Add", {"a", "w"}, {"sum"});
  const std::string weights("\0\0\x80\x3f\0\0\0\x40", 8);  // 1, 2
  auto model = load("onnx", file.bytes(), {{"weights.bin", as_bytes(weights), nullptr}});
  ASSERT_TRUE(model.ok()) << model.error().message;
  auto answer = ask(**model, {make_tensor<float>("a", DataType::FP32, {1, 2}, {0, 0})});
  EXPECT_EQ(values_of<float>((*answer)[0]), (std::vector<float>{1, 2}));
}

TEST(OnnxRuntimeBackend, refuses_what_is_no_tensor) {
  const auto file = OnnxFile()
                        .input("x", OnnxType::Float, {-1})
                        .sequence_output("y", OnnxType::Float)
                        .node("SequenceConstruct", {"x"}, {"y"});
  auto model = load("onnx", file.bytes());
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::InvalidInput);
  EXPECT_NE(model.error().message.find("\"y\""), std::string::npos) << model.error().message;
}

TEST(OnnxRuntimeBackend, refuses_damaged_files_and_unknown_operators_as_bad_input) {
  const std::string good = sum_of_two().bytes();
  const std::string unknown = OnnxFile()
                                  .input("x", OnnxType::Float, {-1})
                                  .output("y", OnnxType::Float, {-1})
                                  .node("NoSuchOperator", {"x"}, {"y"})
                                  .bytes();
  for (const std::string& bytes : {std::string(), std::string("junk"), good.substr(0, good.size() / 2), unknown}) {
    auto model = load("onnx", bytes);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, ErrorCode::InvalidInput) << model.error().message;
    EXPECT_FALSE(model.error().message.empty());
  }
}

TEST(OnnxRuntimeBackend, answers_empty_tensors) {
  const auto file =
      OnnxFile().input("x", OnnxType::Float, {-1}).output("y", OnnxType::Float, {-1}).node("Identity", {"x"}, {"y"});
  auto model = load("onnx", file.bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  auto answer = ask(**model, {tensor::Tensor{"x", DataType::FP32, {0}, {}}});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ((*answer)[0].shape, tensor::Shape({0}));
}

TEST(OnnxRuntimeBackend, loads_and_unloads_models_with_large_weights_and_large_outputs) {
  constexpr std::int64_t kWidth = 1024, kRows = 512;
  std::string weights(kWidth * kWidth * sizeof(float), '\0');
  for (std::size_t i = 0; i < kWidth; ++i) {  // twice the identity
    const float two = 2;
    std::memcpy(weights.data() + i * (kWidth + 1) * sizeof two, &two, sizeof two);
  }
  const auto file = OnnxFile()
                        .input("x", OnnxType::Float, {-1, kWidth})
                        .initializer("w", OnnxType::Float, {kWidth, kWidth}, weights)
                        .output("y", OnnxType::Float, {-1, kWidth})
                        .node("MatMul", {"x", "w"}, {"hidden"})
                        .node("MatMul", {"hidden", "w"}, {"y"});
  for (int loads = 0; loads < 3; ++loads) {
    auto model = load("onnx", file.bytes());
    ASSERT_TRUE(model.ok()) << model.error().message;
    for (const std::int64_t rows : {kRows, std::int64_t{1}, kRows / 2, kRows}) {
      const std::vector<float> values(static_cast<std::size_t>(rows * kWidth), static_cast<float>(rows));
      auto answer = ask(**model, {make_tensor<float>("x", DataType::FP32, {rows, kWidth}, values)});
      ASSERT_TRUE(answer.ok()) << answer.error().message;
      EXPECT_TRUE(values_of<float>((*answer)[0]) == std::vector<float>(values.size(), static_cast<float>(4 * rows)));
    }
  }
}

TEST(OnnxRuntimeBackend, runs_on_many_threads_at_once_without_mixing_answers) {
  auto model = load("onnx", sum_of_two().bytes());
  ASSERT_TRUE(model.ok()) << model.error().message;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const auto value = static_cast<float>(t * 1000 + i);
        auto answer = ask(**model, {make_tensor<float>("a", DataType::FP32, {1, 2}, {value, value})});
        if (!answer || values_of<float>((*answer)[0]) != std::vector<float>{value + 1, value + 1}) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace slipway::contract
