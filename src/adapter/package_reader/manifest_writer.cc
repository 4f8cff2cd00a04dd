#include "adapter/package_reader/manifest_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "adapter/package_reader/golden_values.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

// Words some reader of YAML takes for something other than text.
constexpr std::array<std::string_view, 14> kReserved = {"null", "true", "false", "yes", "no",   "on",       "off",
                                                        "y",    "n",    "nan",   "inf", "none", "infinity", "~"};

bool is_plain(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || !is_letter(text.front()) || text.back() == ' ') return false;
  const bool is_simple = std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '.' || c == '-' || c == '/';
  });
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return is_simple && std::ranges::find(kReserved, lower) == kReserved.end();
}

std::string quoted(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string number(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string list(const std::vector<std::string>& words) {
  std::string out = "[";
  for (std::size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : ", ") + quoted(words[i]);
  return out + "]";
}

std::string range_text(const tensor::ValueRange& range) {
  return "[" + number(range.low) + ", " + number(range.high) + "]";
}

void append_ranges(std::string& out, const tensor::TensorSpec& spec) {
  if (spec.ranges.empty()) return;
  if (spec.ranges.size() == 1 && spec.ranges[0]) {
    out += "    ranges: " + range_text(*spec.ranges[0]) + "\n";
    return;
  }
  out += "    ranges:\n";
  for (std::size_t i = 0; i < spec.ranges.size(); ++i) {
    if (spec.ranges[i]) out += "      " + quoted(spec.features[i]) + ": " + range_text(*spec.ranges[i]) + "\n";
  }
}

void append_specs(std::string& out, std::string_view key, const std::vector<tensor::TensorSpec>& specs) {
  if (specs.empty()) return;
  out += std::string(key) + ":\n";
  for (const tensor::TensorSpec& spec : specs) {
    out += "  - name: " + quoted(spec.name) + "\n";
    out += "    datatype: " + std::string(tensor::name_of(spec.datatype)) + "\n";
    out += "    shape: " + spec.shape.to_string() + "\n";
    if (spec.model_shape) out += "    model_shape: " + spec.model_shape->to_string() + "\n";
    if (spec.optional) out += "    optional: true\n";
    if (!spec.features.empty()) out += "    features: " + list(spec.features) + "\n";
    if (!spec.labels.empty()) out += "    labels: " + list(spec.labels) + "\n";
    append_ranges(out, spec);
  }
}

std::string_view name_of(model::Execution execution) {
  switch (execution) {
    case model::Execution::Auto:
      return "auto";
    case model::Execution::Inline:
      return "inline";
    case model::Execution::Queue:
      return "queue";
  }
  return "";
}

void append_tensors(std::string& out, std::string_view lead, const std::vector<tensor::Tensor>& tensors) {
  if (tensors.empty()) return;
  out += std::string(lead) + "\n";
  for (const tensor::Tensor& tensor : tensors) {
    out += "      " + quoted(tensor.name) + ": ";
    append_tensor_values(out, tensor.view());
    out += '\n';
  }
}

void append_golden(std::string& out, const std::vector<model::GoldenExample>& golden) {
  if (golden.empty()) return;
  out += "golden:\n";
  for (const model::GoldenExample& example : golden) {
    out += "  - tolerance: " + number(example.tolerance) + "\n";
    append_tensors(out, "    inputs:", example.inputs);
    append_tensors(out, "    outputs:", example.outputs);
  }
}

template <class Value, class Text>
void append_map(std::string& out, std::string_view lead, const std::map<std::string, Value>& map,
                std::string_view indent, const Text& text) {
  if (map.empty()) return;
  out += std::string(lead) + "\n";
  for (const auto& [key, value] : map) out += std::string(indent) + quoted(key) + ": " + text(value) + "\n";
}

void append_lineage(std::string& out, const model::Lineage& lineage) {
  if (lineage == model::Lineage{}) return;
  out += "lineage:\n";
  if (!lineage.training_data.empty()) out += "  training_data: " + quoted(lineage.training_data) + "\n";
  if (!lineage.code_commit.empty()) out += "  code_commit: " + quoted(lineage.code_commit) + "\n";
  if (!lineage.run_id.empty()) out += "  run_id: " + quoted(lineage.run_id) + "\n";
  if (!lineage.parent.empty()) out += "  parent: " + quoted(lineage.parent) + "\n";
  if (!lineage.built_by.empty()) out += "  built_by: " + quoted(lineage.built_by) + "\n";
  append_map(out, "  data:", lineage.data, "    ", quoted);
  append_map(out, "  parameters:", lineage.parameters, "    ", quoted);
  append_map(out, "  metrics:", lineage.metrics, "    ", number);
}

// A literal block gives back exactly what it shows if no line starts or ends with a blank and one line break ends it.
bool fits_block(std::string_view text) {
  if (text.size() < 2 || !text.ends_with('\n') || text.ends_with("\n\n") || text.front() == '\n') return false;
  char before = '\n';
  for (const char c : text) {
    const bool is_ascii = (c >= 0x20 && c < 0x7F) || c == '\n';
    if (!is_ascii || (before == '\n' && c == ' ') || (before == ' ' && c == '\n')) return false;
    before = c;
  }
  return true;
}

void append_card(std::string& out, std::string_view card) {
  if (card.empty()) return;
  if (!fits_block(card)) {
    out += "model_card: " + quoted(card) + "\n";
    return;
  }
  out += "model_card: |\n";
  while (!card.empty()) {
    const std::size_t end = card.find('\n');
    if (end > 0) out += "  " + std::string(card.substr(0, end));
    out += '\n';
    card.remove_prefix(end + 1);
  }
}

}  // namespace

std::string write_manifest(const model::Manifest& manifest) {
  std::string out;
  if (!manifest.name.empty()) out += "name: " + quoted(manifest.name) + "\n";
  out += "format: " + quoted(manifest.format) + "\n";
  if (!manifest.main_file.empty()) out += "files:\n  model: " + quoted(manifest.main_file) + "\n";
  append_specs(out, "inputs", manifest.signature.inputs);
  append_specs(out, "outputs", manifest.signature.outputs);
  out += "batching:\n  dimension: 0\n  max_batch: " + std::to_string(manifest.batching.max_batch) +
         "\n  enabled: " + (manifest.batching.enabled ? "true" : "false") +
         "\n  execution: " + std::string(name_of(manifest.batching.execution)) + "\n";
  out += "instances: " + std::to_string(manifest.instances) + "\n";
  out += "limits:\n  memory: " + to_string(manifest.limits.memory) +
         "\n  timeout: " + to_string(manifest.limits.timeout) + "\n";
  out += "warmup:\n  runs: " + std::to_string(manifest.warmup_runs) + "\n";
  append_golden(out, manifest.golden);
  append_map(out, "labels:", manifest.labels, "  ", quoted);
  append_card(out, manifest.model_card);
  append_lineage(out, manifest.lineage);
  return out;
}

}  // namespace slipway::package_reader
