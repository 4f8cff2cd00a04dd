// A tensor whose shape in the model is another than its clients'.
#include <gtest/gtest.h>

#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/manifest_writer.h"

namespace slipway::package_reader {
namespace {

// One output with these fields.
Result<model::Manifest> with(std::string_view rest) {
  auto declared = parse_manifest("format: echo\noutputs: [{name: \"y\", datatype: FP32, " + std::string(rest) + "}]\n");
  if (!declared.ok()) return std::move(declared).error();
  return complete(std::move(*declared), nullptr);
}

TEST(ModelShape, is_kept_where_it_is_another_and_reads_back) {
  const auto manifest = with("shape: [-1, 4], model_shape: [-1, 2, 2]");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->signature.outputs[0].model_shape, (tensor::Shape{-1, 2, 2}));
  const auto again = complete(parse_manifest(write_manifest(*manifest)).value(), nullptr);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, *manifest);
  EXPECT_EQ(with("shape: [-1, 4], model_shape: [-1, 4]")->signature.outputs[0].model_shape, std::nullopt);
}

TEST(ModelShape, needs_a_shape_beside_it_with_the_same_values) {
  EXPECT_NE(with("shape: [-1, 4], model_shape: [-1, 5]").error().message.find("as many values as shape [-1,4] has"),
            std::string::npos);
  EXPECT_NE(with("model_shape: [-1, 4]").error().message.find("expected shape beside it"), std::string::npos);
}

}  // namespace
}  // namespace slipway::package_reader
