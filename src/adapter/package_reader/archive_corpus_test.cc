// Every hostile entry in every kind of archive: all are refused, and none leaves anything where it points to.
#include <gtest/gtest.h>

#include <filesystem>

#include "adapter/package_reader/test_archives.h"
#include "adapter/package_reader/test_onnx.h"
#include "adapter/package_reader/test_upload.h"

namespace slipway::package_reader {
namespace {

using test::Tar;
using test::Upload;
using test::Zip;
namespace fs = std::filesystem;

// `outside` is a folder that is there: what comes to lie in it came out of the archive.
std::vector<std::string> hostile_paths(const std::string& outside) {
  const std::string name = fs::path(outside).filename().string();
  std::vector<std::string> paths = {outside + "/mark",
                                    "/" + outside + "/mark",
                                    "../" + name + "/mark",
                                    "./../" + name + "/mark",
                                    "a/../../" + name + "/mark",
                                    "a/b/../../../" + name + "/mark",
                                    "../../../../../../../../" + outside + "/mark",
                                    "..\\" + name + "\\mark",
                                    "a\\..\\..\\mark",
                                    "C:\\mark",
                                    "C:/mark",
                                    "\\\\host\\share\\mark",
                                    "//host/share/mark",
                                    "..",
                                    "../",
                                    "a/..",
                                    "a/./mark",
                                    "a//mark",
                                    "mark\n",
                                    "\tmark",
                                    "ma\x7Frk",
                                    "mark\xff",
                                    "\xc0\xae\xc0\xae/mark",
                                    "model.onnx",
                                    "MODEL.onnx",
                                    "model.onnx/mark",
                                    "Slipway.YAML"};
  paths.emplace_back(256, 'm');
  paths.emplace_back(900, 'd').append("/mark");
  std::string& deep = paths.emplace_back();
  for (int i = 0; i < 600; ++i) deep += "d/";
  deep += "mark";
  return paths;
}

class Corpus : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(outside_); }
  void refuse(const std::string& what, const std::string& archive) {
    const auto opened = upload_.open(archive, "package");
    ASSERT_FALSE(opened.ok()) << what;
    EXPECT_EQ(opened.error().code, ErrorCode::InvalidInput) << what << ": " << opened.error().message;
    EXPECT_TRUE(fs::is_empty(outside_)) << what;
    ++refused_;
  }
  void refuse_tar(const std::string& what, const std::string& tar) {
    refuse(what + ", tar", tar);
    refuse(what + ", tar.gz", test::gzip(tar));
    refuse(what + ", tar.zst", test::zstd(tar));
  }
  template <class Archive>
  Archive good() {
    return std::move(Archive().file("model.onnx", test::onnx_model(test::graph()).bytes()).file("slipway.yaml", ""));
  }

  Upload upload_;
  const std::string outside_ = (upload_.folder() / "outside").string();
  int refused_ = 0;
};

TEST_F(Corpus, what_is_good_is_accepted) {
  const std::string tar = good<Tar>().bytes();
  for (const std::string& archive : {tar, test::gzip(tar), test::zstd(tar), good<Zip>().bytes()}) {
    const auto opened = upload_.open(archive, "package");
    EXPECT_TRUE(opened.ok()) << opened.error().message;
  }
}

TEST_F(Corpus, of_more_than_a_hundred_hostile_archives_all_are_refused) {
  for (const std::string& path : hostile_paths(outside_)) {
    refuse_tar("pax " + path, good<Tar>().pax_path(path).file("x", "mark").bytes());
    if (path.size() < 100) refuse_tar(path, good<Tar>().file(path, "mark").bytes());
    refuse(path + ", zip", good<Zip>().file(path, "mark").bytes());
  }
  for (const char type : {'1', '2', '3', '4', '6'}) {
    for (const std::string& target :
         {outside_, std::string("/etc/passwd"), std::string("model.onnx"), std::string("..")}) {
      const std::string what = std::string("type ") + type + " to " + target;
      refuse_tar(what, good<Tar>().entry("link", "", type, target).bytes());
      refuse_tar(what + ", written through",
                 good<Tar>().entry("link", "", type, target).file("link/mark", "x").bytes());
    }
  }
  for (const std::uint32_t mode : {0120777U, 0020666U, 0060666U, 0010666U, 0140666U}) {
    refuse("zip with mode " + std::to_string(mode), good<Zip>().entry("link", outside_, {.mode = mode}).bytes());
  }
  EXPECT_GE(refused_, 250);
}

}  // namespace
}  // namespace slipway::package_reader
