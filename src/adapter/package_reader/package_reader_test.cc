#include "adapter/package_reader/package_reader.h"

#include <gtest/gtest.h>

#include <iterator>

#include "adapter/package_reader/test_archives.h"
#include "adapter/package_reader/test_onnx.h"
#include "adapter/package_reader/test_upload.h"

namespace slipway::package_reader {
namespace {

using test::Proto;
using test::Tar;
using test::Upload;
using test::Zip;

std::string example(const std::string& path) {
  std::ifstream file(std::filesystem::path(SLIPWAY_EXAMPLES) / path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<ports::OpenedPackage> open_with_manifest(std::string_view manifest, const Proto& model) {
  return Upload().open(Tar().file("slipway.yaml", manifest).file("model.onnx", model.bytes()).bytes());
}

std::string refusal(std::string_view manifest, const Proto& model = test::onnx_model(test::graph())) {
  const auto opened = open_with_manifest(manifest, model);
  return opened.ok() ? "accepted" : opened.error().message;
}

TEST(PackageReader, a_bare_onnx_file_is_a_package) {
  const auto opened = Upload().open(example("breast_cancer/model.onnx"), "breast-cancer.onnx");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->manifest.format, "onnx");
  EXPECT_EQ(opened->manifest.main_file, "model.onnx");
  ASSERT_EQ(opened->manifest.signature.inputs.size(), 1U);
  EXPECT_EQ(opened->manifest.signature.inputs[0].shape, (tensor::Shape{-1, 30}));
  EXPECT_EQ(opened->manifest.signature.outputs[0].name, "probabilities");
  EXPECT_EQ(opened->suggested_name, "breast-cancer");
  EXPECT_EQ(opened->files.size(), 2U);
}

TEST(PackageReader, the_content_of_a_bare_file_does_not_depend_on_its_name) {
  const std::string bytes = example("diabetes/model.onnx");
  const auto one = Upload().open(bytes, "one.onnx");
  const auto two = Upload().open(bytes, "two.onnx");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(model::package_digest(one->files), model::package_digest(two->files));
}

TEST(PackageReader, every_example_is_read_from_every_kind_of_archive) {
  for (const std::string name : {"breast_cancer", "digits", "diabetes", "wine"}) {
    const std::string manifest = example(name + "/slipway.yaml");
    const std::string model = example(name + "/model.onnx");
    const std::string tar = Tar().file("slipway.yaml", manifest).file("model.onnx", model).bytes();
    const std::string zip = Zip().file(name + "/slipway.yaml", manifest).file(name + "/model.onnx", model).bytes();
    for (const std::string& bytes : {tar, test::gzip(tar), test::zstd(tar), zip}) {
      const auto opened = Upload().open(bytes);
      ASSERT_TRUE(opened.ok()) << opened.error().message;
      EXPECT_EQ(opened->files.size(), 2U);
      EXPECT_EQ(opened->manifest_text, manifest);
      EXPECT_FALSE(opened->manifest.golden.empty());
    }
  }
}

TEST(PackageReader, gaps_of_the_manifest_are_filled_from_the_model) {
  const auto opened = open_with_manifest("inputs: [{name: x, features: [a, b, c, d]}]\nlabels: {team: demo}\n",
                                         test::onnx_model(test::graph()));
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const tensor::TensorSpec& input = opened->manifest.signature.inputs.at(0);
  EXPECT_EQ(input.datatype, tensor::DataType::FP32);
  EXPECT_EQ(input.shape, (tensor::Shape{-1, 4}));
  EXPECT_EQ(input.features.size(), 4U);
  EXPECT_EQ(opened->manifest.signature.outputs.at(0).name, "y");
}

TEST(PackageReader, a_manifest_with_gaps_is_stored_complete) {
  Upload upload;
  const auto opened = upload.open(
      Tar().file("slipway.yaml", "name: m\n").file("model.onnx", test::onnx_model(test::graph()).bytes()).bytes());
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const auto file = std::ranges::find(opened->files, "slipway.yaml", &model::PackageFile::path);
  const auto stored = upload.store().read(file->digest, mebibytes(1));
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(as_text(*stored), opened->manifest_text);
  const auto again = upload.reader().read_manifest(opened->manifest_text);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, opened->manifest);
}

TEST(PackageReader, what_the_manifest_says_is_held_against_the_model) {
  EXPECT_EQ(refusal("inputs: [{name: z}]"), "upload: slipway.yaml:1:10: input \"z\" is not in the model; it has \"x\"");
  EXPECT_EQ(refusal("inputs: [{name: x, datatype: INT64}]"),
            "upload: slipway.yaml: input \"x\": the manifest says INT64, the model FP32");
  EXPECT_EQ(refusal("inputs: [{name: x, shape: [-1, 5]}]"),
            "upload: slipway.yaml: input \"x\": the manifest says shape [-1,5], the model [-1,4]");
  EXPECT_EQ(refusal("inputs: [{name: x, features: [a, b]}]"),
            "upload: slipway.yaml:1:10: input \"x\": expected 4 features (shape [-1,4]), found 2");
  EXPECT_EQ(refusal("outputs: [{name: y, labels: [a, b]}]"),
            "upload: slipway.yaml:1:11: output \"y\": expected 4 labels (shape [-1,4]), found 2");
}

TEST(PackageReader, a_shape_the_model_does_not_give_comes_from_the_manifest) {
  const Proto output = Proto().text(1, "y").message(2, Proto().message(1, Proto().number(1, 1)));
  const Proto model = test::onnx_model(
      Proto().message(1, test::node("Identity")).message(11, test::value_info("x", 1, {-1, 4})).message(12, output));
  EXPECT_EQ(refusal("", model),
            "upload: the model gives no shape for the output \"y\"; declare it in slipway.yaml (outputs: [{name: y, "
            "shape: [-1, ...]}]) or export the model with shapes");
  EXPECT_EQ(refusal("outputs: [{name: y, shape: [-1, 2]}]", model), "accepted");
}

TEST(PackageReader, the_model_is_found_or_asked_for) {
  const std::string model = test::onnx_model(test::graph()).bytes();
  EXPECT_TRUE(Upload().open(Tar().file("a.onnx", model).file("README.md", "hi").bytes()).ok());
  EXPECT_EQ(Upload().open(Tar().file("a.onnx", model).file("b.onnx", model).bytes()).error().message,
            "upload: expected one .onnx file or files.model in slipway.yaml, found \"a.onnx\" and \"b.onnx\"");
  EXPECT_EQ(Upload().open(Tar().file("README.md", "hi").bytes()).error().message,
            "upload: expected an .onnx file or a slipway.yaml, found README.md");
  EXPECT_EQ(refusal("files: {model: other.onnx}"),
            "upload: slipway.yaml: files.model: \"other.onnx\" is not in the package; it has model.onnx, slipway.yaml");
  EXPECT_NE(refusal("files: {model: ../model.onnx}").find("slipway.yaml:1:16: files.model:"), std::string::npos);
}

TEST(PackageReader, an_upload_that_is_neither_says_so) {
  const auto opened = Upload().open("just some text", "notes.txt");
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().message.starts_with(
      "notes.txt: it is no archive (.tar.gz, .tar.zst, .zip, .tar), and as an ONNX file: model.onnx: "))
      << opened.error().message;
}

TEST(PackageReader, an_echo_package_says_its_model_or_has_one_file_for_it) {
  const std::string manifest = "format: echo\noutputs: [{name: a, datatype: INT64, shape: [-1]}]\n";
  const auto main_of = [&](std::vector<std::string> paths, const std::string& more = "") {
    Tar tar;
    tar.file("slipway.yaml", manifest + more);
    for (const std::string& path : paths) tar.file(path, "# x");
    const auto opened = Upload().open(tar.bytes());
    return opened.ok() ? opened->manifest.main_file : opened.error().message;
  };
  EXPECT_EQ(main_of({"model"}), "model");
  EXPECT_EQ(main_of({"MODEL_CARD.md", "model"}), "model");
  EXPECT_EQ(main_of({"MODEL_CARD.md", "a.txt", "b.echo"}), "b.echo");
  EXPECT_EQ(main_of({"MODEL_CARD.md", "a", "b"}, "files: {model: b}\n"), "b");
  EXPECT_EQ(main_of({"MODEL_CARD.md"}),
            "upload: expected files.model in slipway.yaml, one .echo file, or one file besides, found MODEL_CARD.md, "
            "slipway.yaml");
  EXPECT_NE(main_of({"a", "b"}).find("expected files.model"), std::string::npos);
  EXPECT_NE(main_of({"a.echo", "b.echo"}).find("expected files.model"), std::string::npos);
}

TEST(PackageReader, files_that_cannot_be_opened_are_told) {
  Upload upload;
  EXPECT_EQ(upload.open_file((upload.folder() / "absent").string(), "x").error().code, ErrorCode::NotFound);
  EXPECT_EQ(upload.open_file(upload.folder().string(), "x").error().code, ErrorCode::InvalidInput);
  std::filesystem::create_symlink("/etc/passwd", upload.folder() / "link");
  EXPECT_FALSE(upload.open_file((upload.folder() / "link").string(), "x").ok());
}

}  // namespace
}  // namespace slipway::package_reader
