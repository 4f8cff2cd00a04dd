// The manifest's text: what is refused and how it is told.
#include <gtest/gtest.h>

#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/golden_values.h"
#include "adapter/package_reader/manifest_writer.h"

namespace slipway::package_reader {
namespace {

constexpr std::string_view kTensors =
    "format: echo\n"
    "inputs: [{name: x, datatype: FP32, shape: [-1, 2]}]\n"
    "outputs: [{name: y, datatype: FP32, shape: [-1, 2]}]\n";

Result<model::Manifest> read(std::string_view yaml) {
  auto declared = parse_manifest(yaml);
  if (!declared.ok()) return std::move(declared).error();
  return complete(std::move(*declared), nullptr);
}

// The message for what is added below the three lines of kTensors.
std::string refusal(std::string_view more) {
  const auto manifest = read(std::string(kTensors) + std::string(more));
  return manifest.ok() ? "accepted" : manifest.error().message;
}

TEST(Manifest, all_of_its_fields_are_read) {
  const auto manifest = read(R"(
name: breast-cancer
format: onnx
files: {model: sub/model.onnx}
inputs:
  - {name: input, datatype: FP32, shape: [-1, 2], features: [mean radius, no], ranges: {mean radius: [6.0, 29]}}
outputs:
  - {name: probabilities, datatype: FP32, shape: [-1, 2], labels: [malignant, 'null']}
batching: {dimension: 0, max_batch: 32, enabled: false, execution: queue}
instances: 3
limits: {memory: 256MiB, timeout: 250ms}
warmup: {runs: 5}
golden:
  - inputs: {input: [[1, 2.5]]}
    outputs: {probabilities: [[0.75, .25]]}
    tolerance: 1.0e-4
labels: {team: demo, version: 1.10, strict: yes}
model_card: |
  First line.

  Second.
lineage: {training_data: "sha256:ab", code_commit: 0123, run_id: r, parameters: {hidden: 64}, metrics: {accuracy: 0.97}}
)");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->name, "breast-cancer");
  EXPECT_EQ(manifest->main_file, "sub/model.onnx");
  EXPECT_EQ(manifest->signature.inputs[0].features, (std::vector<std::string>{"mean radius", "no"}));
  ASSERT_EQ(manifest->signature.inputs[0].ranges.size(), 2U);
  EXPECT_EQ(manifest->signature.inputs[0].ranges[0], (tensor::ValueRange{6, 29}));
  EXPECT_EQ(manifest->signature.inputs[0].ranges[1], std::nullopt);
  EXPECT_EQ(manifest->signature.outputs[0].labels[1], "null");
  EXPECT_EQ(manifest->batching, (model::Batching{false, 32, model::Execution::Queue}));
  EXPECT_EQ(manifest->instances, 3U);
  EXPECT_EQ(manifest->limits, (model::Limits{mebibytes(256), std::chrono::milliseconds(250)}));
  EXPECT_EQ(manifest->warmup_runs, 5U);
  ASSERT_EQ(manifest->golden.size(), 1U);
  EXPECT_EQ(manifest->golden[0].tolerance, 1e-4);
  EXPECT_EQ(manifest->golden[0].inputs[0].shape, (tensor::Shape{1, 2}));
  EXPECT_EQ(manifest->labels.at("version"), "1.10");
  EXPECT_EQ(manifest->labels.at("strict"), "yes");
  EXPECT_EQ(manifest->model_card, "First line.\n\nSecond.\n");
  EXPECT_EQ(manifest->lineage.code_commit, "0123");
  EXPECT_EQ(manifest->lineage.parameters.at("hidden"), "64");
  EXPECT_EQ(manifest->lineage.metrics.at("accuracy"), 0.97);
}

TEST(Manifest, errors_name_line_column_expected_and_found) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"lables: {}", "slipway.yaml:4:1: unknown key \"lables\"; did you mean \"labels\"?"},
      {"zzz: 1",
       "slipway.yaml:4:1: unknown key \"zzz\"; known: name, format, files, inputs, outputs, batching, instances, "
       "limits, "
       "warmup, golden, labels, model_card, lineage"},
      {"batching: {max_bach: 1}", "slipway.yaml:4:12: batching: unknown key \"max_bach\"; did you mean \"max_batch\"?"},
      {"batching: {dimension: 1}",
       "slipway.yaml:4:23: batching.dimension: expected a whole number from 0 to 0, found \"1\""},
      {"batching: {enabled: yes}", "slipway.yaml:4:21: batching.enabled: expected true or false, found \"yes\""},
      {"batching: {execution: fast}",
       "slipway.yaml:4:23: batching.execution: expected auto, inline or queue, found \"fast\""},
      {"batching: 3", "slipway.yaml:4:11: batching: expected a mapping, found \"3\""},
      {"instances: 010", "slipway.yaml:4:12: instances: expected a whole number from 0 to 1024, found \"010\""},
      {"instances: '1'", "slipway.yaml:4:12: instances: expected a whole number from 0 to 1024, found \"1\""},
      {"instances: -1", "slipway.yaml:4:12: instances: expected a whole number from 0 to 1024, found \"-1\""},
      {"limits: {memory: lots}",
       "slipway.yaml:4:18: limits.memory: expected an amount from 1MiB to 1024GiB, such as 256MiB, found \"lots\""},
      {"limits: {timeout: 1}",
       "slipway.yaml:4:19: limits.timeout: expected a duration up to 24h, such as 250ms or 1s, found \"1\""},
      {"labels: {a: [1]}", "slipway.yaml:4:13: labels.a: expected text, found a list"},
      {"labels: {a: }", "slipway.yaml:4:13: labels.a: expected text, found nothing"},
      {"lineage: {data: {train: md5}}",
       "slipway.yaml:4:25: lineage.data.train: expected sha256: and 64 hexadecimal digits, found \"md5\""},
      {"lineage: {parent: wine}",
       "slipway.yaml:4:19: lineage.parent: expected the number of a version, or NAME:NUMBER, found \"wine\""},
      {"lineage: {metrics: {auc: high}}",
       "slipway.yaml:4:26: lineage.metrics.auc: expected a finite number, found \"high\""},
      {"format: echo", "slipway.yaml:4:1: the key \"format\" is here twice"},
      {"labels: &a {x: y}", "slipway.yaml:4:9: expected a value, found an anchor (&name); anchors are not accepted"},
      {"labels: {x: !!str y}",
       "slipway.yaml:4:13: expected a value without a tag, found the tag \"tag:yaml.org,2002:str\""},
      {"golden: [{outputs: {y: [[1, 2]]}}]", "slipway.yaml:4:10: golden[0]: input \"x\" is missing"},
      {"golden: [{inputs: {x: [[1, 2]]}}]", "slipway.yaml:4:10: golden[0]: expected outputs"},
      {"golden: [{inputs: {x: [[1, a]]}, outputs: {y: [[1, 2]]}}]",
       "slipway.yaml:4:28: golden[0].inputs.x[0][1]: expected a number that fits FP32, found \"a\""},
      {"golden: [{inputs: {x: [[1, 2], [3]]}, outputs: {y: [[1, 2]]}}]",
       "slipway.yaml:4:32: golden[0].inputs.x[1]: expected 2 elements (shape [-1,2]), found 1"},
      {"golden: [{inputs: {x: [1, 2]}, outputs: {y: [[1, 2]]}}]",
       "slipway.yaml:4:24: golden[0].inputs.x[0]: expected a list, found \"1\""},
      {"golden: [{inputs: {x: []}, outputs: {y: [[1, 2]]}}]",
       "slipway.yaml:4:23: golden[0].inputs.x: expected at least one element, found an empty list"},
      {"golden: [{inputs: {z: [[1, 2]]}, outputs: {y: [[1, 2]]}}]",
       "slipway.yaml:4:20: golden[0].inputs: unknown key \"z\"; known: x"},
      {"golden: [{inputs: {x: [[1e39, 2]]}, outputs: {y: [[1, 2]]}}]",
       "slipway.yaml:4:25: golden[0].inputs.x[0][0]: expected a number that fits FP32, found \"1e39\""},
      {"golden: [{inputs: {x: [[1, 2]]}, outputs: {y: [[1, 2]]}, tolerance: -1}]",
       "slipway.yaml:4:69: golden[0].tolerance: expected a tolerance of 0 or more, found \"-1\""},
      {"name: a/b", "slipway.yaml:4:7: name: "},
  };
  for (const auto& [more, message] : rows) {
    const std::string found = refusal(more);
    EXPECT_TRUE(found.starts_with(message)) << more << "\n  found:    " << found << "\n  expected: " << message;
  }
}

TEST(Manifest, tensors_are_checked_where_they_stand) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"inputs: [{datatype: FP32}]", "slipway.yaml:1:10: inputs[0]: expected a name"},
      {"inputs: [{name: x, datatype: float}]", "slipway.yaml:1:30: inputs[0].datatype: expected one of BOOL, UINT8"},
      {"inputs: [{name: x, shape: [0]}]", "slipway.yaml:1:28: inputs[0].shape[0]: expected -1 for any size, or a size"},
      {"inputs: [{name: x, shape: [1,1,1,1,1,1,1,1,1]}]",
       "slipway.yaml:1:27: inputs[0].shape: expected at most 8 items, found 9"},
      {"inputs: [{name: x}, {name: x}]", "slipway.yaml:1:21: inputs[1]: the name \"x\" is there twice"},
      {"inputs: [{name: x, features: [a, a]}]",
       "slipway.yaml:1:34: inputs[0].features[1]: the name \"a\" is already at [0]"},
      {"inputs: [{name: x, features: [a], ranges: {b: [1, 2]}}]",
       "slipway.yaml:1:44: inputs[0].ranges: unknown key \"b\"; known: a"},
      {"inputs: [{name: x, ranges: {b: [1, 2]}}]",
       "slipway.yaml:1:28: inputs[0].ranges: expected [lowest, highest], or features"},
      {"inputs: [{name: x, ranges: [2, 1]}]",
       "slipway.yaml:1:28: inputs[0].ranges: expected [lowest, highest], found the lowest above"},
      {"inputs: [{name: x, ranges: [1]}]",
       "slipway.yaml:1:28: inputs[0].ranges: expected [lowest, highest], found 1 items"},
      {"inputs: [{name: \"a\\nb\"}]", "slipway.yaml:1:17: inputs[0].name: expected text without control characters"},
      {"inputs: [{name: x}]", "slipway.yaml:1:10: input \"x\": expected a datatype"},
      {"inputs: [{name: x, datatype: FP32}]", "slipway.yaml:1:10: input \"x\": expected a shape"},
      {"format: pickle", "slipway.yaml:1:9: format: expected onnx or echo, found \"pickle\""},
      {"format: echo", "slipway.yaml:1:1: expected outputs, found none"},
      {"outputs: [{name: x, datatype: FP32, shape: [1]}]",
       "slipway.yaml:1:1: expected a format (onnx or echo), found none"},
      {"- a", "slipway.yaml:1:1: expected a mapping, found a list"},
      {"", "slipway.yaml:1:1: expected outputs, found none"},
  };
  for (const auto& [yaml, message] : rows) {
    const auto manifest = read(yaml);
    ASSERT_FALSE(manifest.ok()) << yaml;
    EXPECT_TRUE(manifest.error().message.starts_with(message)) << yaml << "\n  found:    " << manifest.error().message;
  }
}

TEST(Manifest, labels_of_a_class_number_may_be_any_number) {
  const auto manifest =
      read("format: echo\noutputs: [{name: label, datatype: INT64, shape: [-1], labels: [a, b, c]}]\n");
  EXPECT_TRUE(manifest.ok()) << manifest.error().message;
}

TEST(Manifest, labels_may_be_empty_and_there_twice_but_features_may_not) {
  const auto read_with = [](std::string_view words) {
    std::string yaml = "format: echo\noutputs: [{name: y, datatype: FP32, shape: [-1, 3], ";
    return read(yaml.append(words).append("}]\n"));
  };
  const auto manifest = read_with("labels: [a, '', a]");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->signature.outputs[0].labels, (std::vector<std::string>{"a", "", "a"}));
  EXPECT_FALSE(manifest->signature.outputs[0].distinct_labels);
  EXPECT_EQ(read(write_manifest(*manifest)).value(), *manifest);
  EXPECT_TRUE(read_with("labels: [a, b, c]")->signature.outputs[0].distinct_labels);
  EXPECT_FALSE(read_with("features: [a, b, a]"));
  EXPECT_FALSE(read_with("labels: [a, \"b\\tc\", d]"));
}

// Golden values of one type: what is read, and from what is refused.
struct ValueRow {
  tensor::DataType type;
  std::string_view values;
  std::size_t bytes;
  std::vector<std::string_view> refused;
};

TEST(Manifest, golden_values_of_every_datatype_are_read) {
  using tensor::DataType;
  const std::vector<ValueRow> rows = {
      {DataType::Bool, "true, false", 2, {"1", "yes", "'true'"}},
      {DataType::UInt8, "0, 255", 2, {"256", "-1", "1.0", "0x1", "'1'"}},
      {DataType::UInt16, "0, 65535", 4, {"65536"}},
      {DataType::UInt32, "0, 4294967295", 8, {"4294967296"}},
      {DataType::UInt64, "0, 18446744073709551615", 16, {"18446744073709551616", "-1"}},
      {DataType::Int8, "-128, 127", 2, {"128", "-129"}},
      {DataType::Int16, "-32768, 32767", 4, {"32768"}},
      {DataType::Int32, "-2147483648, 2147483647", 8, {"2147483648"}},
      {DataType::Int64, "-9223372036854775808, 9223372036854775807", 16, {"9223372036854775808"}},
      {DataType::FP16, "1.5, -65504", 4, {"65520", "1e39", "x"}},
      {DataType::BF16, "1.5, 3e38", 4, {"3.4e38", "x"}},
      {DataType::FP32, "1e-50, .nan", 8, {"1e39", "1_000", "1:30", "inf", "0x10", "01"}},
      {DataType::FP64, "1e308, -.inf", 16, {"1e309", "one"}},
      {DataType::Bytes, "plain text, \"1\"", 19, {"[a]", ""}},
  };
  for (const ValueRow& row : rows) {
    const std::string name(tensor::name_of(row.type));
    const auto with = [&](std::string_view values) {
      return read("format: echo\noutputs: [{name: y, datatype: " + name + ", shape: [-1]}]\ngolden: [{outputs: {y: [" +
                  std::string(values) + "]}}]");
    };
    const auto manifest = with(row.values);
    ASSERT_TRUE(manifest.ok()) << manifest.error().message;
    EXPECT_EQ(manifest->golden[0].outputs[0].data.size(), row.bytes) << name;
    EXPECT_TRUE(tensor::check_data_length(manifest->golden[0].outputs[0].view()).ok()) << name;
    for (const std::string_view value : row.refused) EXPECT_FALSE(with(value).ok()) << name << " " << value;
  }
}

}  // namespace
}  // namespace slipway::package_reader
