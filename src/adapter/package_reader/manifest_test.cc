// The manifest's text: what is refused and how it is told, and that written manifests read back.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/golden_values.h"
#include "adapter/package_reader/manifest_writer.h"
#include "domain/tensor/half.h"

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
  constexpr std::string_view kOutputs = "format: echo\noutputs: [{name: y, datatype: FP32, shape: [-1, 3], ";
  const auto manifest = read(std::string(kOutputs) + "labels: [a, '', a]}]\n");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(manifest->signature.outputs[0].labels, (std::vector<std::string>{"a", "", "a"}));
  EXPECT_FALSE(manifest->signature.outputs[0].distinct_labels);
  EXPECT_EQ(read(write_manifest(*manifest)).value(), *manifest);
  EXPECT_TRUE(read(std::string(kOutputs) + "labels: [a, b, c]}]\n")->signature.outputs[0].distinct_labels);
  EXPECT_FALSE(read(std::string(kOutputs) + "features: [a, b, a]}]\n"));
  EXPECT_FALSE(read(std::string(kOutputs) + "labels: [a, \"b\\tc\", d]}]\n"));
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

// Random manifests of every shape and type, with texts that YAML would rather read as something else.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  model::Manifest manifest() {
    model::Manifest made;
    if (chance()) made.name = "no. " + std::to_string(below(100)) + " @模型";
    made.format = chance() ? "onnx" : "echo";
    if (made.format == "onnx") made.main_file = "sub/" + std::to_string(below(100)) + " no.onnx";
    for (std::size_t i = below(4); i > 0; --i) made.signature.inputs.push_back(spec("in" + std::to_string(i) + text()));
    for (std::size_t i = 1 + below(3); i > 0; --i)
      made.signature.outputs.push_back(spec("out" + std::to_string(i) + text()));
    made.batching = {chance(), below(1000), static_cast<model::Execution>(below(3))};
    made.instances = static_cast<std::uint32_t>(below(100));
    made.limits = {mebibytes(1 + below(5000)), Duration(1 + static_cast<std::int64_t>(below(3'000'000'000)))};
    made.warmup_runs = static_cast<std::uint32_t>(below(10));
    for (std::size_t i = below(3); i > 0; --i) made.golden.push_back(example(made.signature));
    for (std::size_t i = below(3); i > 0; --i) made.labels["key" + text()] = text();
    made.model_card = card();
    made.lineage.training_data = text();
    made.lineage.code_commit = text();
    made.lineage.built_by = text();
    if (chance()) made.lineage.parent = "mother " + std::to_string(below(9)) + ":" + std::to_string(1 + below(99));
    for (std::size_t i = below(3); i > 0; --i) {
      made.lineage.data["d" + text()] = "sha256:" + sha256(as_bytes(text())).hex();
    }
    for (std::size_t i = below(3); i > 0; --i) made.lineage.parameters["p" + text()] = text();
    for (std::size_t i = below(3); i > 0; --i) made.lineage.metrics["m" + text()] = real();
    return made;
  }

 private:
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  bool chance() { return below(2) == 0; }
  double real() {
    return std::ldexp(std::uniform_real_distribution<double>(-1, 1)(random_), static_cast<int>(below(200)) - 100);
  }

  std::string text() {
    static const std::string_view pieces[] = {
        "",   "no",   "true", "null", "~",  "0123", "1e3", " ",   "  x",    ":",      ": ",     "#", " #", "'", "\"",
        "\\", "{",    "[",    "- ",   "? ", "&a",   "*a",  "!t",  "|",      ">",      "%",      "@", "`",  "ä", "模型",
        "🙂", "1:30", ".inf", "<<",   "=",  "---",  "...", "a b", "\u2028", "\u00a0", "\ufeff", ",", "]",  "}"};
    std::string made;
    for (std::size_t i = below(4); i > 0; --i) made += pieces[below(std::size(pieces))];
    return made;
  }

  std::string card() {
    std::string made;
    for (std::size_t i = below(5); i > 0; --i)
      made += text() + (chance() ? "\n" : chance() ? "\n\n" : chance() ? "\t" : "\r\n");
    return made;
  }

  std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(text() + std::to_string(i));
    return made;
  }

  tensor::TensorSpec spec(std::string name) {
    tensor::TensorSpec made;
    made.name = std::move(name);
    made.datatype = static_cast<tensor::DataType>(1 + below(14));
    for (std::size_t i = below(4); i > 0; --i)
      made.shape.append(chance() ? -1 : static_cast<std::int64_t>(1 + below(3)));
    const std::int64_t last = made.shape.rank() > 0 ? made.shape[made.shape.rank() - 1] : -1;
    if (last > 0 && chance()) made.features = names(static_cast<std::size_t>(last));
    if (last > 0 && chance()) made.labels = names(static_cast<std::size_t>(last));
    if (chance()) made.ranges = {tensor::ValueRange{-1.5, 1e9}};
    if (made.features.size() > 1 && chance()) {
      made.ranges.assign(made.features.size(), std::nullopt);
      made.ranges[below(made.features.size())] = tensor::ValueRange{0.1, 0.2};
    }
    return made;
  }

  // Rows are as many in every tensor, as the check of a request demands.
  tensor::Tensor values(const tensor::TensorSpec& spec, std::int64_t rows) {
    tensor::Tensor made{spec.name, spec.datatype, spec.shape, {}};
    for (std::size_t i = 0; i < made.shape.rank(); ++i) {
      if (made.shape[i] < 0) made.shape.set(i, i == 0 ? rows : static_cast<std::int64_t>(1 + below(3)));
    }
    for (std::uint64_t i = *made.shape.element_count(); i > 0; --i) append_value(made);
    return made;
  }

  void append_value(tensor::Tensor& tensor) {
    if (tensor.datatype == tensor::DataType::Bytes) return tensor::append_bytes_element(tensor.data, text());
    std::uint64_t bits = random_();
    if (tensor.datatype == tensor::DataType::Bool) bits &= 1;
    // Any bits but those of a NaN, which reads back as the quiet one.
    const bool is_nan = (tensor.datatype == tensor::DataType::FP64 && std::isnan(std::bit_cast<double>(bits))) ||
                        (tensor.datatype == tensor::DataType::FP32 &&
                         std::isnan(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))) ||
                        (tensor.datatype == tensor::DataType::FP16 &&
                         std::isnan(tensor::fp16_to_float(static_cast<std::uint16_t>(bits)))) ||
                        (tensor.datatype == tensor::DataType::BF16 &&
                         std::isnan(tensor::bf16_to_float(static_cast<std::uint16_t>(bits))));
    if (is_nan) bits = 0;
    const std::size_t size = tensor::element_size(tensor.datatype);
    const std::size_t at = tensor.data.size();
    tensor.data.resize(at + size);
    std::memcpy(tensor.data.data() + at, &bits, size);
  }

  model::GoldenExample example(const tensor::Signature& signature) {
    model::GoldenExample made;
    const auto rows = static_cast<std::int64_t>(1 + below(3));
    for (const tensor::TensorSpec& input : signature.inputs) made.inputs.push_back(values(input, rows));
    for (const tensor::TensorSpec& output : signature.outputs) made.outputs.push_back(values(output, rows));
    made.tolerance = std::abs(real());
    return made;
  }

  std::mt19937_64 random_;
};

TEST(Manifest, what_is_written_reads_back_to_the_same) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const model::Manifest manifest = Generator(seed).manifest();
    const std::string text = write_manifest(manifest);
    const auto again = read(text);
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.error().message << "\n" << text;
    ASSERT_EQ(*again, manifest) << "seed " << seed << "\n" << text << "\n---\n" << write_manifest(*again);
    ASSERT_EQ(write_manifest(*again), text) << "seed " << seed;
  }
}

TEST(Manifest, a_readable_manifest_is_written_readably) {
  auto manifest = read(
      std::string(kTensors) +
      "name: demo\nmodel_card: |\n  One.\n\n  Two.\ngolden: [{inputs: {x: [[1, 2.5]]}, outputs: {y: [[.5, .5]]}}]\n");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  EXPECT_EQ(write_manifest(*manifest), R"(name: demo
format: echo
inputs:
  - name: x
    datatype: FP32
    shape: [-1,2]
outputs:
  - name: "y"
    datatype: FP32
    shape: [-1,2]
batching:
  dimension: 0
  max_batch: 64
  enabled: true
  execution: auto
instances: 0
limits:
  memory: 1GiB
  timeout: 30s
warmup:
  runs: 3
golden:
  - tolerance: 1e-05
    inputs:
      x: [[1, 2.5]]
    outputs:
      "y": [[0.5, 0.5]]
model_card: |
  One.

  Two.
)");
}

}  // namespace
}  // namespace slipway::package_reader
