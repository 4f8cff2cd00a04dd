#include "adapter/triton_repository/model_config.h"

#include <gtest/gtest.h>

namespace slipway::triton_repository {
namespace {

constexpr std::string_view kWhole = R"pb(
  # a comment
  name: "fraud"
  backend: "onnxruntime"
  max_batch_size: 16 input
  [ {
    name: "a"
    data_type: TYPE_FP32
    dims: [ 3, -1 ]
  }
    , { name: 'b' data_type: TYPE_STRING dims: 1 optional: true }]
  output { name: "y" data_type: TYPE_INT64,
           dims: [ 2 ]
  ; label_filename: "labels.txt" }
  instance_group [ { count: 2 kind: KIND_CPU }, { count: 1 } ]
  dynamic_batching {
    preferred_batch_size: [ 4, 8 ]
    default_queue_policy < timeout_action: REJECT default_timeout_microseconds: 2500 >
  }
  version_policy: { latest { num_versions: 3 } }
  parameters { key: "site" value { string_value: "north" } }
  model_warmup { name: "zeros" batch_size: 1 count: 4 inputs { key: "a" value { data_type: TYPE_FP32 dims: 3 zero_data: true } } }
  default_model_filename: "net.onnx"
)pb";

TEST(ModelConfig, is_what_its_text_says) {
  const auto config = read_config_text(kWhole, "fraud");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->max_batch_size, 16u);
  ASSERT_EQ(config->inputs.size(), 2u);
  EXPECT_EQ(config->inputs[0].dims, (tensor::Shape{-1, 3, -1}));
  EXPECT_EQ(config->inputs[0].datatype, tensor::DataType::FP32);
  EXPECT_EQ(config->inputs[1].datatype, tensor::DataType::Bytes);
  EXPECT_TRUE(config->inputs[1].optional);
  ASSERT_EQ(config->outputs.size(), 1u);
  EXPECT_EQ(config->outputs[0].label_file, "labels.txt");
  EXPECT_EQ(config->instances, 3u);
  EXPECT_EQ(config->queue_timeout, std::chrono::microseconds(2500));
  EXPECT_EQ(config->versions.kind, VersionPolicy::Kind::Latest);
  EXPECT_EQ(config->versions.latest, 3u);
  EXPECT_EQ(config->parameters.at("site"), "north");
  EXPECT_EQ(config->warmup_runs, 4u);
  EXPECT_EQ(config->model_file, "net.onnx");
}

TEST(ModelConfig, says_nothing_where_its_text_says_nothing) {
  const auto config = read_config_text("", "m");
  ASSERT_TRUE(config);
  EXPECT_FALSE(config->max_batch_size);
  EXPECT_EQ(config->model_file, "model.onnx");
  EXPECT_EQ(config->versions.latest, 1u);
  EXPECT_TRUE(config->notes.empty());
}

TEST(ModelConfig, without_batching_has_complete_dims) {
  for (const std::string_view said : {"max_batch_size: 0", ""}) {
    const auto config =
        read_config_text(std::string(said) + R"( input { name: "a" data_type: TYPE_FP32 dims: [-1, 3] })", "m");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->max_batch_size, 0u);
    EXPECT_EQ(config->inputs[0].dims, (tensor::Shape{-1, 3}));
  }
}

TEST(ModelConfig, reads_every_data_type) {
  const std::pair<std::string_view, tensor::DataType> kTypes[] = {
      {"BOOL", tensor::DataType::Bool},     {"UINT8", tensor::DataType::UInt8},   {"UINT16", tensor::DataType::UInt16},
      {"UINT32", tensor::DataType::UInt32}, {"UINT64", tensor::DataType::UInt64}, {"INT8", tensor::DataType::Int8},
      {"INT16", tensor::DataType::Int16},   {"INT32", tensor::DataType::Int32},   {"INT64", tensor::DataType::Int64},
      {"FP16", tensor::DataType::FP16},     {"FP32", tensor::DataType::FP32},     {"FP64", tensor::DataType::FP64},
      {"STRING", tensor::DataType::Bytes},  {"BF16", tensor::DataType::BF16}};
  for (const auto& [name, type] : kTypes) {
    const auto config =
        read_config_text("input { name: \"a\" dims: 1 data_type: TYPE_" + std::string(name) + " }", "m");
    ASSERT_TRUE(config) << name;
    EXPECT_EQ(config->inputs[0].datatype, type) << name;
  }
}

TEST(ModelConfig, has_each_version_policy) {
  EXPECT_EQ(read_config_text("version_policy: { all { } }", "m")->versions.kind, VersionPolicy::Kind::All);
  const auto specific = read_config_text("version_policy { specific { versions: [1, 5] } }", "m");
  ASSERT_TRUE(specific);
  EXPECT_EQ(specific->versions.specific, (std::vector<model::VersionNumber>{1, 5}));
}

struct Refusal {
  std::string_view text;
  std::string_view message;
  ErrorCode code = ErrorCode::InvalidInput;
};

TEST(ModelConfig, a_reshape_is_the_models_shape_beside_that_of_requests) {
  const auto config = read_config_text(
      "max_batch_size: 8 input { name: \"a\" dims: 16 reshape { shape: [4,4] } } "
      "input { name: \"b\" dims: 1 reshape { } } input { name: \"c\" dims: 3 reshape { shape: 3 } } "
      "output { name: \"z\" dims: [-1,6] reshape { shape: [1,-1,2,3] } }",
      "m");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->inputs[0].dims, (tensor::Shape{-1, 16}));
  EXPECT_EQ(config->inputs[0].model_dims, (tensor::Shape{-1, 4, 4}));
  EXPECT_EQ(config->inputs[1].model_dims, tensor::Shape{-1});
  EXPECT_EQ(config->inputs[2].model_dims, std::nullopt);
  EXPECT_EQ(config->outputs[0].model_dims, (tensor::Shape{-1, 1, -1, 2, 3}));
}

TEST(ModelConfig, refuses_what_is_wrong_and_says_where) {
  const Refusal kRefusals[] = {
      {"max_batchsize: 4",
       "config.pbtxt:1:14: unknown field \"max_batchsize\" of ModelConfig; did you mean \"max_batch_size\"?"},
      {"\n  input {\n  nam: \"a\" }", "config.pbtxt:3:6: unknown field \"nam\" of ModelInput; did you mean \"name\"?"},
      {"input { name: \"a\" data_type: TYPE_FP23 dims: 1 }", "config.pbtxt:1:40: unknown value \"TYPE_FP23\""},
      {"max_batch_size: many", "config.pbtxt:1:17: Expected integer"},
      {"max_batch_size: 4 max_batch_size: 8", "specified multiple times"},
      {"max_batch_size: -1", "config.pbtxt:1:1: max_batch_size: expected 0 to 1000000, found -1"},
      {"\nname: \"other\"", "config.pbtxt:2:1: name: expected the folder's name \"m\", found \"other\""},
      {"input {", "config.pbtxt:1:8: "},
      {"input { data_type: TYPE_FP32 dims: 1 }", "config.pbtxt:1:1: input[0]: expected a name, found none"},
      {"input { name: \"a\" }", "input[0]: expected dims, found none"},
      {"input { name: \"a\" dims: 1 }\ninput { name: \"b\"\n dims: [1, 0] }",
       "config.pbtxt:3:2: input[1].dims[1]: expected a size of 1 or more, or -1 for any, found 0"},
      {"input { name: \"a\" dims: 1 } input { name: \"a\" dims: 1 }", "input[1].name: \"a\" is there twice"},
      {"max_batch_size: 1 input { name: \"a\" dims: [1,1,1,1,1,1,1,1] }", "expected at most 8 dimensions"},
      {"instance_group { count: 2000 }", "expected at most 1024 instances, found 2000"},
      {"instance_group { count: -1 }", "instance_group[0].count: expected 0 or more, found -1"},
      {"default_model_filename: \"../x.onnx\"", "expected a file's name, without a path"},
      {"version_policy { latest { } }", "version_policy.latest.num_versions: expected 1 or more, found 0"},
      {"version_policy { specific { } }", "expected versions, found none"},
      {"backend: \"python\"", "config.pbtxt:1:1: backend: there is no backend \"python\" here; expected onnxruntime",
       ErrorCode::Unimplemented},
      {"platform: \"tensorrt_plan\"", "there is no platform \"tensorrt_plan\" here", ErrorCode::Unimplemented},
      {"platform: \"ensemble\"", "ensembles are not served", ErrorCode::Unimplemented},
      {"sequence_batching { }", "sequences", ErrorCode::Unimplemented},
      {"model_transaction_policy { decoupled: true }", "exactly one answer", ErrorCode::Unimplemented},
      {"input { name: \"a\" dims: 1 is_shape_tensor: true }", "input[0].is_shape_tensor", ErrorCode::Unimplemented},
      {"input { name: \"a\" dims: 1 allow_ragged_batch: true }", "allow_ragged_batch", ErrorCode::Unimplemented},
      {"input { name: \"a\" dims: 16 reshape { shape: [4,5] } }",
       "input[0].reshape.shape: expected as many values as dims [16] have before, between and after what is free, "
       "found "
       "[4,5]"},
      {"input { name: \"a\" dims: [2,-1] reshape { shape: [-1,2] } }", "input[0].reshape.shape: expected as many"},
      {"input { name: \"a\" dims: 1 reshape { shape: [1,0] } }", "input[0].reshape.shape[1]: expected a size of 1"},
      {"max_batch_size: 1 output { name: \"a\" dims: 2 reshape { } }", "output[0].reshape.shape: expected as many"},
      {"batch_input { kind: BATCH_ELEMENT_COUNT }", "batch_input", ErrorCode::Unimplemented},
      {"model_operations { op_library_filename: \"x.so\" }", "op_library_filename", ErrorCode::Unimplemented},
      {"[some.extension]: 1", "config.pbtxt:1:"},
      {"\xff", "expected UTF-8"},
  };
  for (const Refusal& refusal : kRefusals) {
    const auto config = read_config_text(refusal.text, "m");
    ASSERT_FALSE(config) << refusal.text;
    EXPECT_NE(config.error().message.find(refusal.message), std::string::npos) << refusal.text << "\n"
                                                                               << config.error().message;
    EXPECT_EQ(config.error().code, refusal.code) << refusal.text;
  }
}

TEST(ModelConfig, deeper_or_longer_than_its_limits_is_refused) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "input {";
  EXPECT_FALSE(read_config_text(deep, "m"));
  EXPECT_FALSE(read_config_text(std::string(kLargestConfig + 1, ' '), "m"));
  EXPECT_FALSE(read_config_json(std::string(100'000, '['), "m"));
}

TEST(ModelConfig, may_come_as_json) {
  const auto config = read_config_json(
      R"({"max_batch_size":8,"input":[{"name":"a","data_type":"TYPE_FP32","dims":["-1"]}],"output":[]})", "m");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->max_batch_size, 8u);
  EXPECT_EQ(config->inputs[0].dims, (tensor::Shape{-1, -1}));
  const auto unknown = read_config_json(R"({"input":[{"nam":"a"}]})", "m");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "config: unknown field \"nam\"; did you mean \"name\"?");
  EXPECT_FALSE(read_config_json("{", "m"));
}

TEST(ModelConfig, tells_what_has_no_use_here) {
  const auto config = read_config_text(
      R"(instance_group { kind: KIND_GPU gpus: 0 } response_cache { enable: true }
         dynamic_batching { max_queue_delay_microseconds: 100 } optimization { graph { level: 1 } })",
      "m");
  ASSERT_TRUE(config);
  ASSERT_EQ(config->notes.size(), 4u);
  EXPECT_NE(config->notes[0].find("KIND_GPU"), std::string::npos);
  EXPECT_NE(config->notes[1].find("max_queue_delay_microseconds"), std::string::npos);
}

}  // namespace
}  // namespace slipway::triton_repository
