// Written manifests read back.
#include "adapter/package_reader/manifest_writer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/golden_values.h"
#include "domain/tensor/half.h"

namespace slipway::package_reader {
namespace {

Result<model::Manifest> read(std::string_view yaml) {
  auto declared = parse_manifest(yaml);
  if (!declared.ok()) return std::move(declared).error();
  return complete(std::move(*declared), nullptr);
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

TEST(ManifestWriter, what_is_written_reads_back_to_the_same) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const model::Manifest manifest = Generator(seed).manifest();
    const std::string text = write_manifest(manifest);
    const auto again = read(text);
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.error().message << "\n" << text;
    ASSERT_EQ(*again, manifest) << "seed " << seed << "\n" << text << "\n---\n" << write_manifest(*again);
    ASSERT_EQ(write_manifest(*again), text) << "seed " << seed;
  }
}

TEST(ManifestWriter, a_readable_manifest_is_written_readably) {
  const auto manifest = read(
      "format: echo\n"
      "inputs: [{name: x, datatype: FP32, shape: [-1, 2]}]\n"
      "outputs: [{name: y, datatype: FP32, shape: [-1, 2]}]\n"
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
