#include "adapter/triton_repository/repository_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "adapter/triton_repository/test_folder.h"

namespace slipway::triton_repository {
namespace {

using test::TestFolder;

TEST(RepositoryFolder, lists_its_models_and_their_files) {
  const TestFolder folder;
  folder.write("b/1/model.onnx", "one");
  folder.write("a/config.pbtxt", "");
  folder.write("a/.hidden", "");
  folder.write(".git/config", "");
  folder.write("README", "not a model");
  const RepositoryFolder repository = folder.open();
  EXPECT_EQ(repository.models().value(), (std::vector<std::string>{"a", "b"}));
  const auto model = repository.model("b");
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ(model->files.size(), 1u);
  EXPECT_EQ(model->files[0].path, "1/model.onnx");
  EXPECT_EQ(model->files[0].size, 3u);
  EXPECT_EQ(model->directories, std::vector<std::string>{"1"});
  EXPECT_EQ(repository.model("a")->files.size(), 1u);
  EXPECT_EQ(repository.text(*model, "1/model.onnx", 10).value(), "one");
}

TEST(RepositoryFolder, stamps_differ_when_a_file_does) {
  const TestFolder folder;
  folder.write("m/1/model.onnx", "one");
  const RepositoryFolder repository = folder.open();
  const Digest before = repository.model("m")->stamp;
  EXPECT_EQ(repository.model("m")->stamp, before);
  folder.write("m/1/model.onnx", "longer");
  EXPECT_NE(repository.model("m")->stamp, before);
}

TEST(RepositoryFolder, follows_links_that_stay_inside_and_no_others) {
  const TestFolder outside, folder;
  outside.write("secret", "secret");
  folder.write("store/weights", "shared");
  folder.write("m/1/model.onnx", "one");
  std::filesystem::create_symlink("../../store/weights", folder.path() / "m/1/weights");
  const RepositoryFolder repository = folder.open();
  const auto stays = repository.model("m");
  ASSERT_TRUE(stays);
  EXPECT_EQ(repository.text(*stays, "1/weights", 10).value(), "shared");

  std::filesystem::create_symlink(outside.path() / "secret", folder.path() / "m/labels.txt");
  const auto leaves = repository.model("m");
  ASSERT_FALSE(leaves);
  EXPECT_EQ(leaves.error().code, ErrorCode::InvalidInput);
  EXPECT_NE(leaves.error().message.find("m/labels.txt: expected a file of the repository, found a link that leaves it"),
            std::string::npos);
  EXPECT_EQ(repository.text(*stays, "labels.txt", 10).error().code, ErrorCode::InvalidInput);

  std::filesystem::create_directory_symlink(outside.path(), folder.path() / "n");
  EXPECT_FALSE(repository.model("n"));
}

TEST(RepositoryFolder, reads_no_text_that_changed_since_it_looked) {
  const TestFolder folder;
  folder.write("m/config.pbtxt", "backend: 1");
  const RepositoryFolder repository = folder.open();
  const ModelFolder model = repository.model("m").value();
  folder.write("m/config.pbtxt", "backend: 2");  // as long as before
  folder.write("m/labels.txt", "new");
  for (const std::string_view path : {"config.pbtxt", "labels.txt"}) {
    const auto text = repository.text(model, path, 100);
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().code, ErrorCode::Conflict) << path;
  }
}

TEST(RepositoryFolder, a_loop_of_links_ends) {
  const TestFolder folder;
  folder.write("m/1/model.onnx", "one");
  std::filesystem::create_directory_symlink("..", folder.path() / "m/1/up");
  const auto model = folder.open().model("m");
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("levels of folders"), std::string::npos) << model.error().message;
}

TEST(RepositoryFolder, opens_no_path_that_leaves_the_model) {
  const TestFolder folder;
  folder.write("m/1/model.onnx", "one");
  folder.write("n/1/model.onnx", "two");
  const RepositoryFolder repository = folder.open();
  const ModelFolder model = repository.model("m").value();
  for (const std::string_view path :
       {"../n/1/model.onnx", "/etc/passwd", "1/../../n/1/model.onnx", "", "1//model.onnx", "./1/model.onnx", "1/"}) {
    const auto text = repository.text(model, path, 10);
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().code, ErrorCode::InvalidInput) << path;
  }
  EXPECT_FALSE(repository.file("..", "m"));
  EXPECT_FALSE(repository.model(".."));
  EXPECT_FALSE(repository.model("a/b"));
}

TEST(RepositoryFolder, refuses_what_is_no_file_and_what_is_too_much) {
  const TestFolder folder;
  folder.write("m/1/model.onnx", "one");
  folder.write("m/1/second", "two");
  folder.write("n/1/model.onnx", "two");
  EXPECT_FALSE(folder.open({.files = 1}).model("m"));
  EXPECT_FALSE(folder.open({.models = 1}).models());
  EXPECT_EQ(folder.open().text(folder.open().model("m").value(), "1/model.onnx", 2).error().code,
            ErrorCode::InvalidInput);
  ASSERT_EQ(::mkfifo((folder.path() / "m/1/pipe").c_str(), 0600), 0);
  const auto pipe = folder.open().model("m");
  ASSERT_FALSE(pipe);
  EXPECT_NE(pipe.error().message.find("m/1/pipe: expected a regular file"), std::string::npos);
}

TEST(RepositoryFolder, that_is_not_there_or_no_folder_is_refused) {
  const TestFolder folder;
  folder.write("file", "");
  EXPECT_EQ(RepositoryFolder::open((folder.path() / "none").string()).error().code, ErrorCode::NotFound);
  EXPECT_EQ(RepositoryFolder::open((folder.path() / "file").string()).error().code, ErrorCode::InvalidInput);
}

}  // namespace
}  // namespace slipway::triton_repository
