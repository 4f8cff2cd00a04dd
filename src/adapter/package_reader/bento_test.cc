#include "adapter/package_reader/bento.h"

#include <gtest/gtest.h>

#include "adapter/package_reader/test_archives.h"
#include "adapter/package_reader/test_upload.h"

namespace slipway::package_reader {
namespace {

using test::Tar;
using test::Upload;

// As `bentoml build` writes it, with some of what does not matter here left out.
constexpr std::string_view kBento = R"(service: service:svc
name: iris_classifier
version: awln3pbmlcmlonry
bentoml_version: 1.0.12
creation_time: '2022-12-21T08:12:05.345654+00:00'
labels:
  owner: ida
  stage: 3
models:
- tag: iris_clf:zy3dfgxzqkjrlgxi
  module: bentoml.sklearn
  creation_time: '2022-12-21T07:00:00+00:00'
- tag: scaler:abc
runners:
- name: iris_clf
  runnable_type: SklearnRunnable
apis:
- name: classify
  input_type: NumpyNdarray
  output_type: NumpyNdarray
docker:
  distro: debian
  env: null
python:
  packages:
  - scikit-learn
)";

std::string bento(std::string_view description) {
  return test::gzip(Tar()
                        .file("bento.yaml", description)
                        .file("README.md", "# iris_classifier")
                        .file("apis/openapi.yaml", "openapi: 3.0.2\n")
                        .file("env/python/requirements.txt", "scikit-learn\n")
                        .file("models/iris_clf/zy3dfgxzqkjrlgxi/model.yaml", "name: iris_clf\n")
                        .file("models/iris_clf/zy3dfgxzqkjrlgxi/saved_model.pkl", "\x80\x04.")
                        .file("models/iris_clf/latest", "zy3dfgxzqkjrlgxi")
                        .file("src/service.py", "raise SystemExit\n")
                        .bytes());
}

std::string refusal(std::string_view text) {
  model::Manifest manifest;
  const auto done = import_bento(text, manifest);
  if (!done.ok()) {
    EXPECT_EQ(done.error().code, ErrorCode::InvalidInput);
  }
  return done.ok() ? "accepted" : done.error().message;
}

TEST(Bento, what_it_says_of_itself_becomes_name_and_labels) {
  const auto opened = Upload().open(bento(kBento), "iris.bento");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->manifest.format, "bentoml");
  EXPECT_EQ(opened->suggested_name, "iris_classifier");
  const std::map<std::string, std::string> labels = {
      {"owner", "ida"},
      {"stage", "3"},
      {"bentoml.service", "service:svc"},
      {"bentoml.version", "awln3pbmlcmlonry"},
      {"bentoml.bentoml_version", "1.0.12"},
      {"bentoml.created", "2022-12-21T08:12:05.345654+00:00"},
      {"bentoml.models", "iris_clf:zy3dfgxzqkjrlgxi (bentoml.sklearn), scaler:abc"},
      {"bentoml.apis", "classify"}};
  EXPECT_EQ(opened->manifest.labels, labels);
  EXPECT_EQ(opened->files.size(), 9U);
}

TEST(Bento, what_is_stored_reads_back) {
  Upload upload;
  const auto opened = upload.open(bento(kBento), "iris.bento");
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(upload.reader().read_manifest(opened->manifest_text).value(), opened->manifest);
}

TEST(Bento, a_list_that_would_be_too_long_is_cut) {
  std::string text = "name: many\nmodels:\n";
  for (int i = 0; i < 60; ++i) text += "- tag: " + std::string(100, 'm') + ":" + std::to_string(i) + "\n";
  model::Manifest manifest;
  ASSERT_TRUE(import_bento(text, manifest).ok());
  EXPECT_LE(manifest.labels.at("bentoml.models").size(), 1024U);
}

TEST(Bento, what_is_no_bento_is_refused_with_its_place) {
  const std::pair<std::string, std::string_view> bad[] = {
      {"", "expected name, which a bento has"},
      {"[1]", "expected name"},
      {"name: [x]\n", "bento.yaml:1:7: name"},
      {"name: x\nlabels: 3\n", "bento.yaml:2:9: labels"},
      {"name: x\nlabels: {a: [1]}\n", "bento.yaml:2:13: labels.a"},
      {"name: x\nlabels: {a: \"b\\nc\"}\n", "without control characters"},
      {"name: x\nservice: " + std::string(2'000, 's') + "\n", "service: expected at most 1024 bytes"},
      {"name: x\nmodels: [{module: bentoml.sklearn}]\n", "expected tag, found none"},
      {"name: !!python/object/apply:os.system [touch]\n", "bento.yaml"},
      {"name: &a x\nservice: *a\n", "bento.yaml"}};
  for (const auto& [text, reason] : bad) {
    EXPECT_NE(refusal(text).find(reason), std::string::npos) << text.substr(0, 100) << ": " << refusal(text);
  }
}

TEST(Bento, a_bento_that_is_none_is_refused_whole) {
  const auto opened = Upload().open(bento("name: [x]\n"), "iris.bento");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().message.substr(0, 11), "iris.bento:");
}

}  // namespace
}  // namespace slipway::package_reader
