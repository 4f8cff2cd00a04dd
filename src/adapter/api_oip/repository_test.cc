#include "adapter/api_oip/repository.h"

#include <gtest/gtest.h>

namespace slipway::api_oip {
namespace {

TEST(Overrides, are_the_configuration_and_the_files) {
  const auto read = read_overrides(
      R"({"parameters":{"config":"{\"max_batch_size\":8}","file:1/model.onnx":"b25ueA==","unload_dependents":true}})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->config, R"({"max_batch_size":8})");
  ASSERT_EQ(read->files.size(), 1u);
  EXPECT_EQ(read->files[0].path, "1/model.onnx");
  EXPECT_EQ(read->files[0].content, "onnx");
}

TEST(Overrides, are_none_where_nothing_is_said) {
  for (const std::string_view body : {"", "{}", R"({"parameters":{}})", R"({"other":[1]})"}) {
    const auto read = read_overrides(body);
    ASSERT_TRUE(read) << body;
    EXPECT_TRUE(read->is_empty()) << body;
  }
}

TEST(Overrides, that_cannot_be_are_refused_by_name) {
  const auto refused = [](std::string_view body) {
    const auto read = read_overrides(body);
    return read ? std::string("taken") : read.error().message;
  };
  EXPECT_NE(refused(R"({"parameters":{"file:1/model.onnx":"b25ueA=="}})").find("config"), std::string::npos);
  EXPECT_NE(refused(R"({"parameters":{"config":"{}","file:model.onnx":"b25ueA=="}})").find("file:VERSION/NAME"),
            std::string::npos);
  EXPECT_NE(refused(R"({"parameters":{"config":"{}","file:1/m":"b25*"}})").find("\"file:1/m\""), std::string::npos);
  EXPECT_NE(refused(R"({"parameters":{"config":{}}})").find("$.parameters.config"), std::string::npos);
  EXPECT_NE(refused(R"({"parameters":)"), "taken");
}

}  // namespace
}  // namespace slipway::api_oip
