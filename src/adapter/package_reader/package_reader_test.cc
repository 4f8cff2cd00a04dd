#include "adapter/package_reader/package_reader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapter/package_reader/memory_artifacts.h"

namespace slipway::package_reader {
namespace {

// A folder of its own for each test, and a reader with a store in memory.
class PackageReader : public testing::Test {
 protected:
  PackageReader() {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-package-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~PackageReader() override { std::filesystem::remove_all(folder_); }

  static std::string example(const std::string& name) {
    return (std::filesystem::path(SLIPWAY_EXAMPLES) / name).string();
  }

  // Packs the folder's manifest and model, with `arguments` of tar or zip.
  std::string pack(const std::string& name, const std::string& command) {
    const std::string path = (folder_ / name).string();
    EXPECT_EQ(std::system((command + " > /dev/null 2>&1").c_str()), 0) << command;
    return path;
  }

  Result<ports::OpenedPackage> open(const std::string& path) {
    return reader_->open(path, std::filesystem::path(path).filename().string(), store_);
  }

  MemoryArtifacts store_;
  std::filesystem::path folder_;
  std::unique_ptr<ports::PackageReader> reader_ = make_package_reader();
};

TEST_F(PackageReader, a_bare_onnx_file_is_a_package) {
  const auto opened = open(example("breast_cancer/model.onnx"));
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->manifest.format, "onnx");
  EXPECT_EQ(opened->manifest.main_file, "model.onnx");
  ASSERT_EQ(opened->manifest.signature.inputs.size(), 1U);
  EXPECT_EQ(opened->manifest.signature.inputs[0].shape, (tensor::Shape{-1, 30}));
  EXPECT_EQ(opened->manifest.signature.outputs[0].name, "probabilities");
  EXPECT_EQ(opened->suggested_name, "model");
  EXPECT_EQ(opened->files.size(), 2U);
}

TEST_F(PackageReader, every_example_is_read_from_every_kind_of_archive) {
  for (const std::string name : {"breast_cancer", "digits", "diabetes", "wine"}) {
    const std::string files = " -C " + example(name) + " slipway.yaml model.onnx";
    const std::string at = (folder_ / name).string();
    const std::string paths[] = {
        pack(name + ".tar", "tar -cf " + at + ".tar" + files),
        pack(name + ".tar.gz", "tar -czf " + at + ".tar.gz" + files),
        pack(name + ".tar.zst", "tar --zstd -cf " + at + ".tar.zst" + files),
        pack(name + ".zip",
             "zip -j " + at + ".zip " + example(name) + "/slipway.yaml " + example(name) + "/model.onnx"),
        pack(name + "-folder.tar.gz", "tar -czf " + at + "-folder.tar.gz -C " + example("") + " " + name +
                                          "/slipway.yaml " + name + "/model.onnx"),
    };
    for (const std::string& path : paths) {
      const auto opened = open(path);
      ASSERT_TRUE(opened.ok()) << opened.error().message;
      EXPECT_EQ(opened->files.size(), 2U) << path;
      EXPECT_FALSE(opened->manifest.golden.empty());
      const auto again = reader_->read_manifest(opened->manifest_text);
      ASSERT_TRUE(again.ok()) << again.error().message;
      EXPECT_EQ(*again, opened->manifest);
    }
  }
}

}  // namespace
}  // namespace slipway::package_reader
