#include "adapter/triton_repository/package_file.h"

#include <gtest/gtest.h>

#include "adapter/triton_repository/test_folder.h"

namespace slipway::triton_repository {
namespace {

class Package : public testing::Test {
 protected:
  // Plans version 1 of "m", lets `meanwhile` happen, and packs it.
  template <class Meanwhile>
  Result<PackageFile> packed(Meanwhile meanwhile) {
    models_.write("m/1/model.onnx", "one");
    const RepositoryFolder repository = models_.open();
    const ModelPlan plan = TRY(plan_model(repository, TRY(repository.model("m"))));
    meanwhile();
    return PackageFile::create(repository, "m", plan.versions.at(0), packages_.path().string());
  }
  bool leaves_nothing() const { return std::filesystem::is_empty(packages_.path()); }
  test::TestFolder models_, packages_;
};

TEST_F(Package, is_there_while_it_is_held) {
  {
    const auto file = packed([] {});
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_GT(std::filesystem::file_size(file->path()), 0u);
  }
  EXPECT_TRUE(leaves_nothing());
}

TEST_F(Package, is_not_made_of_a_file_that_changed_at_the_same_size) {
  const auto file = packed([&] { models_.write("m/1/model.onnx", "two"); });
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::Conflict);
  EXPECT_EQ(file.error().message, "1/model.onnx changed while it was read: it is being written");
  EXPECT_TRUE(leaves_nothing());
}

TEST_F(Package, is_not_made_of_a_file_that_grew_or_went) {
  EXPECT_EQ(packed([&] { models_.write("m/1/model.onnx", "longer"); }).error().code, ErrorCode::Conflict);
  EXPECT_EQ(packed([&] { std::filesystem::remove(models_.path() / "m/1/model.onnx"); }).error().code,
            ErrorCode::NotFound);
}

}  // namespace
}  // namespace slipway::triton_repository
