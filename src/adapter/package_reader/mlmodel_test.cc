#include "adapter/package_reader/mlmodel.h"

#include <gtest/gtest.h>

#include "adapter/package_reader/kept_format.h"

namespace slipway::package_reader {
namespace {

class MlmodelTest : public testing::Test {
 protected:
  Result<void> import(std::string_view text) {
    manifest_ = {};
    return import_mlmodel(text, files_, manifest_);
  }
  std::vector<model::PackageFile> files_ = {{.path = "MLmodel"}, {.path = "model.onnx"}, {.path = "model.onnx.data"}};
  model::Manifest manifest_;
};

constexpr std::string_view kOnnx = R"(artifact_path: model
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: 1.23.2
    providers:
    - CPUExecutionProvider
  python_function:
    loader_module: mlflow.onnx
mlflow_version: 3.17.2
run_id: 0123456789abcdef0123456789abcdef
signature:
  inputs: '[{"type": "tensor"}]'
)";

TEST_F(MlmodelTest, the_onnx_flavour_is_native) {
  ASSERT_TRUE(import(kOnnx).ok());
  EXPECT_EQ(manifest_.format, "onnx");
  EXPECT_EQ(manifest_.main_file, "model.onnx");
  EXPECT_EQ(manifest_.lineage.run_id, "0123456789abcdef0123456789abcdef");
}

TEST_F(MlmodelTest, other_flavours_are_kept_under_the_most_telling_name) {
  ASSERT_TRUE(import("flavors:\n  python_function: {}\n  sklearn: {}\n").ok());
  EXPECT_EQ(manifest_.format, "sklearn");
  ASSERT_TRUE(import("flavors:\n  python_function: {}\n").ok());
  EXPECT_EQ(manifest_.format, "pyfunc");
  for (const std::string_view format : {"sklearn", "xgboost", "lightgbm", "pytorch", "pyfunc"}) {
    EXPECT_TRUE(is_kept_format(format)) << format;
  }
  EXPECT_FALSE(is_kept_format("onnx"));
}

TEST_F(MlmodelTest, what_is_no_description_of_a_model_is_refused_with_its_place) {
  for (const std::string_view text :
       {"", "[1]", "flavors: {}\n", "flavors:\n  spark: {}\n", "flavors:\n  onnx:\n    data: ../model.onnx\n",
        "flavors:\n  onnx:\n    data: /etc/passwd\n", "flavors:\n  onnx:\n    data: other.onnx\n",
        "flavors: !!python/object:os.system {}\n", "a: &a [1]\nflavors: *a\n", "flavors:\n  onnx: {data: [1]}\n",
        "run_id: \"a\\nb\"\nflavors:\n  sklearn: {}\n"}) {
    const auto done = import(text);
    ASSERT_FALSE(done.ok()) << text;
    EXPECT_EQ(done.error().code, ErrorCode::InvalidInput);
  }
}

}  // namespace
}  // namespace slipway::package_reader
