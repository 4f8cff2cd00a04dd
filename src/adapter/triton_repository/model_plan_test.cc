#include "adapter/triton_repository/model_plan.h"

#include <gtest/gtest.h>

#include "adapter/triton_repository/test_folder.h"

namespace slipway::triton_repository {
namespace {

class Plan : public testing::Test {
 protected:
  Result<ModelPlan> plan(const std::string& model = "m", const std::optional<std::string>& config = {}) {
    const RepositoryFolder repository = folder_.open();
    return plan_model(repository, TRY(repository.model(model)), config);
  }
  static std::vector<model::VersionNumber> numbers(const ModelPlan& plan) {
    std::vector<model::VersionNumber> all;
    for (const VersionPlan& version : plan.versions) all.push_back(version.number);
    return all;
  }
  test::TestFolder folder_;
};

TEST_F(Plan, without_a_configuration_leaves_everything_to_the_model) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/2/model.onnx", "two");
  folder_.write("m/02/model.onnx", "no version");
  folder_.write("m/old/model.onnx", "no version");
  const auto made = plan();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(numbers(*made), (std::vector<model::VersionNumber>{2, 1}));
  EXPECT_EQ(made->wanted, 1u);
  EXPECT_EQ(made->versions[0].manifest,
            "name: \"m\"\nformat: onnx\nfiles:\n  model: \"model.onnx\"\nlabels:\n  \"oip.version\": \"2\"\n");
}

TEST_F(Plan, makes_a_manifest_of_the_configuration) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/names.txt", "yes\r\nno\n\n");
  folder_.write("m/config.pbtxt", R"(
    max_batch_size: 8
    input { name: "x" data_type: TYPE_FP32 dims: 4 }
    output { name: "y" data_type: TYPE_FP32 dims: 3 label_filename: "names.txt" }
    instance_group { count: 2 }
    parameters { key: "site" value { string_value: "north" } })");
  const auto made = plan();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->versions[0].manifest, R"(name: "m"
format: onnx
files:
  model: "model.onnx"
inputs:
  - name: "x"
    datatype: FP32
    shape: [-1,4]
outputs:
  - name: "y"
    datatype: FP32
    shape: [-1,3]
    labels:
      - "yes"
      - "no"
      - ""
batching:
  max_batch: 8
instances: 2
labels:
  "oip.version": "1"
  "triton.label_filename.y": "names.txt"
  "triton.parameters.site": "north"
)");
  EXPECT_EQ(made->notes.size(), 2u);  // the label that is missing, the parameter
}

TEST_F(Plan, takes_labels_as_they_are_but_for_what_no_manifest_carries) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/names.txt", "same\n\nsame\na\tb\n\xC2\x85\n" + std::string(1023, 'x') + "\xC3\xA4\n");
  folder_.write("m/config.pbtxt", "output { name: \"y\" dims: [1, 6] label_filename: \"names.txt\" }");
  const auto made = plan();
  ASSERT_TRUE(made) << made.error().message;
  const std::string cut = "      - \"" + std::string(1023, 'x') + "\"\n";
  EXPECT_NE(made->versions[0].manifest.find("    labels:\n      - \"same\"\n      - \"\"\n      - \"same\"\n"
                                            "      - \"a b\"\n      - \"  \"\n" +
                                            cut),
            std::string::npos)
      << made->versions[0].manifest;
}

TEST_F(Plan, keeps_the_time_a_request_may_wait_and_does_not_limit_the_request_by_it) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/config.pbtxt",
                "dynamic_batching { default_queue_policy { default_timeout_microseconds: 100 } } max_batch_size: 4");
  const auto made = plan();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NE(made->versions[0].manifest.find("\"triton.queue_timeout\": \"100us\""), std::string::npos);
  EXPECT_EQ(made->versions[0].manifest.find("limits:"), std::string::npos);
  ASSERT_EQ(made->notes.size(), 1u);
  EXPECT_NE(made->notes[0].find("allow_timeout_override"), std::string::npos);
}

TEST_F(Plan, leaves_out_a_parameter_whose_name_is_too_long_for_a_label) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/config.pbtxt",
                "parameters { key: \"" + std::string(250, 'k') + "\" value { string_value: \"v\" } }");
  EXPECT_EQ(plan()->versions[0].manifest.find("kkk"), std::string::npos);
}

TEST_F(Plan, max_batch_size_0_switches_merging_off) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/config.pbtxt", "max_batch_size: 0");
  EXPECT_NE(plan()->versions[0].manifest.find("batching:\n  max_batch: 0\n  enabled: false\n"), std::string::npos);
}

TEST_F(Plan, takes_a_folder_with_weights_beside_the_model) {
  folder_.write("m/1/model.onnx/model.onnx", "one");
  folder_.write("m/1/model.onnx/weights.bin", "weights");
  folder_.write("m/1/slipway.yaml", "left out");
  const auto made = plan();
  ASSERT_TRUE(made);
  const VersionPlan& version = made->versions[0];
  EXPECT_EQ(version.problem, "");
  ASSERT_EQ(version.parts.size(), 2u);
  EXPECT_EQ(version.parts[1].path, "model.onnx/weights.bin");
  EXPECT_EQ(version.parts[1].source, "1/model.onnx/weights.bin");
  EXPECT_NE(version.manifest.find("model: \"model.onnx/model.onnx\""), std::string::npos);
}

TEST_F(Plan, names_the_versions_that_the_policy_wants) {
  for (const int number : {1, 2, 3}) folder_.write("m/" + std::to_string(number) + "/model.onnx", "model");
  folder_.write("m/config.pbtxt", "version_policy { specific { versions: [1, 3, 9] } }");
  const auto specific = plan();
  ASSERT_TRUE(specific);
  EXPECT_EQ(numbers(*specific), (std::vector<model::VersionNumber>{9, 3, 1}));
  EXPECT_NE(specific->versions[0].problem.find("expected the folder 9"), std::string::npos);
  folder_.write("m/config.pbtxt", "version_policy { all { } }");
  EXPECT_EQ(plan()->wanted, 3u);
}

TEST_F(Plan, a_version_without_a_model_has_a_problem_of_its_own) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/2/model.plan", "other");
  const auto made = plan();
  ASSERT_TRUE(made);
  EXPECT_EQ(made->versions[0].problem, "expected the file 2/model.onnx, found none");
  EXPECT_EQ(made->versions[1].problem, "");
}

TEST_F(Plan, stamps_of_versions_are_their_own) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/2/model.onnx", "two");
  const auto before = plan();
  folder_.write("m/2/model.onnx", "changed");
  const auto after = plan();
  EXPECT_NE(before->versions[0].stamp, after->versions[0].stamp);
  EXPECT_EQ(before->versions[1].stamp, after->versions[1].stamp);
}

TEST_F(Plan, what_comes_with_a_load_stands_in_for_the_file) {
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/config.pbtxt", "broken");
  EXPECT_FALSE(plan());
  const auto made = plan("m", R"({"max_batch_size": 2})");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NE(made->versions[0].manifest.find("max_batch: 2"), std::string::npos);
}

TEST_F(Plan, is_refused_without_versions_with_a_missing_label_file_or_a_bad_name) {
  folder_.write("m/config.pbtxt", "");
  EXPECT_NE(plan().error().message.find("expected a folder with a version's number"), std::string::npos);
  folder_.write("m/1/model.onnx", "one");
  folder_.write("m/config.pbtxt", "output { name: \"y\" dims: 1 label_filename: \"../x\" }");
  EXPECT_NE(plan().error().message.find("label_filename of output \"y\": expected a path below"), std::string::npos);
  folder_.write("a:b/1/model.onnx", "one");
  EXPECT_FALSE(plan("a:b"));
}

}  // namespace
}  // namespace slipway::triton_repository
