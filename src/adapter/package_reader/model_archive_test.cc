#include "adapter/package_reader/model_archive.h"

#include <gtest/gtest.h>

#include "adapter/package_reader/test_archives.h"
#include "adapter/package_reader/test_upload.h"

namespace slipway::package_reader {
namespace {

using test::Upload;
using test::Zip;

// As torch-model-archiver writes it.
constexpr std::string_view kManifest = R"({
  "createdOn": "28/07/2020 06:32:08",
  "runtime": "python",
  "model": {
    "modelName": "densenet161",
    "serializedFile": "densenet161-8d451a50.pth",
    "handler": "image_classifier",
    "modelFile": "model.py",
    "modelVersion": "1.0"
  },
  "archiverVersion": "0.9.0"
})";

Zip archive(std::string_view manifest) {
  Zip zip;
  zip.file("MAR-INF/MANIFEST.json", manifest);
  zip.file("densenet161-8d451a50.pth", "\x80\x04.")
      .file("model.py", "raise SystemExit")
      .file("index_to_name.json", "{}");
  return zip;
}

class ModelArchive : public testing::Test {
 protected:
  Result<void> import(std::string_view text) {
    manifest_ = {};
    return import_model_archive(text, files_, manifest_);
  }
  std::string refusal(std::string_view text) {
    const auto done = import(text);
    return done.ok() ? "accepted" : done.error().message;
  }
  std::vector<model::PackageFile> files_ = {{.path = "MAR-INF/MANIFEST.json"}, {.path = "weights.pth"}};
  model::Manifest manifest_;
};

TEST_F(ModelArchive, what_it_says_of_itself_becomes_name_main_file_and_labels) {
  const auto opened = Upload().open(archive(kManifest).bytes(), "dense.mar");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->manifest.format, "torchserve");
  EXPECT_EQ(opened->suggested_name, "densenet161");
  EXPECT_EQ(opened->manifest.main_file, "densenet161-8d451a50.pth");
  const std::map<std::string, std::string> labels = {{"torchserve.runtime", "python"},
                                                     {"torchserve.archiver_version", "0.9.0"},
                                                     {"torchserve.created", "28/07/2020 06:32:08"},
                                                     {"torchserve.handler", "image_classifier"},
                                                     {"torchserve.model_file", "model.py"},
                                                     {"torchserve.model_version", "1.0"}};
  EXPECT_EQ(opened->manifest.labels, labels);
  EXPECT_EQ(opened->files.size(), 5U);  // all of them, and the manifest made of it
}

TEST_F(ModelArchive, a_name_that_is_none_here_is_left_to_the_push) {
  ASSERT_TRUE(import(R"({"model": {"modelName": "a/b", "serializedFile": "weights.pth"}})").ok());
  EXPECT_TRUE(manifest_.name.empty());
}

TEST_F(ModelArchive, an_archive_without_a_serialized_model_is_one_too) {
  ASSERT_TRUE(import(R"({"model": {"modelName": "m", "handler": "h.py", "modelVersion": 2, "modelFile": null}})").ok());
  EXPECT_TRUE(manifest_.main_file.empty());
  EXPECT_EQ(manifest_.labels.at("torchserve.model_version"), "2");
}

TEST_F(ModelArchive, what_is_no_manifest_is_refused_with_its_place) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string long_text = R"({"model": {"handler": ")" + std::string(2'000, 'h') + "\"}}";
  const std::pair<std::string, std::string_view> bad[] = {
      {"", "expected a JSON object"},
      {"[]", "expected a JSON object, found array"},
      {"{\"model\": 1", "expected a JSON object"},
      {deep, "expected a JSON object"},
      {"{}", "model: expected an object"},
      {R"({"model": []})", "model: expected an object"},
      {R"({"model": {"modelName": ["x"]}})", "modelName: expected a text, found array"},
      {R"({"model": {"handler": "a\nb"}})", "handler: expected at most 1024 bytes without control characters"},
      {long_text, "handler: expected at most 1024 bytes"},
      {"{\"model\": {\"handler\": \"\xff\"}}", "expected a JSON object"},
      {R"({"model": {"serializedFile": "other.pth"}})", "expected a file of the archive, found \"other.pth\""},
      {R"({"model": {"serializedFile": "../weights.pth"}})", "has a part \"..\""},
      {R"({"model": {"serializedFile": "/etc/passwd"}})", "is absolute"}};
  for (const auto& [text, reason] : bad) {
    EXPECT_NE(refusal(text).find(reason), std::string::npos) << text.substr(0, 100) << ": " << refusal(text);
  }
}

TEST_F(ModelArchive, a_hostile_archive_is_refused_as_any_other) {
  for (const std::string path : {"../evil.py", "/etc/evil", "a\\..\\evil", "MODEL.py"}) {
    const auto opened = Upload().open(archive(kManifest).file(path, "x").bytes(), "dense.mar");
    ASSERT_FALSE(opened.ok()) << path;
    EXPECT_EQ(opened.error().code, ErrorCode::InvalidInput) << path;
  }
  const auto large =
      Upload().open(Zip().file("MAR-INF/MANIFEST.json", std::string(2 << 20, ' ')).file("a", "").bytes());
  EXPECT_EQ(large.error().message, "upload: MAR-INF/MANIFEST.json: expected at most 1MiB, found 2097152 bytes");
}

}  // namespace
}  // namespace slipway::package_reader
