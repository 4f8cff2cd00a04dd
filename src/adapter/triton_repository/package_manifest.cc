#include "adapter/triton_repository/package_manifest.h"

#include "base/text.h"
#include "ports/predictor.h"

namespace slipway::triton_repository {
namespace {

constexpr std::size_t kMostParameters = 1000;
constexpr std::size_t kLongestKey = 255;  // the manifest's own limits
constexpr std::size_t kLongestLabel = 1024;

bool fits_a_label(std::string_view text) {
  return text.size() <= kLongestLabel && is_valid_utf8(text) && !has_control_characters(text);
}

bool fits_a_key(std::string_view text) {
  return text.size() <= kLongestKey && fits_a_label(text);
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void append_tensors(std::string& out, std::string_view key, const std::vector<TensorConfig>& tensors,
                    const std::map<std::string, std::vector<std::string>>& labels) {
  if (tensors.empty()) return;
  out += std::string(key) + ":\n";
  for (const TensorConfig& tensor : tensors) {
    out += "  - name: " + quoted(tensor.name) + "\n";
    if (tensor.datatype) out += "    datatype: " + std::string(name_of(*tensor.datatype)) + "\n";
    out += "    shape: " + tensor.dims.to_string() + "\n";
    if (tensor.model_dims) out += "    model_shape: " + tensor.model_dims->to_string() + "\n";
    if (tensor.optional) out += "    optional: true\n";
    const auto named = labels.find(tensor.name);
    if (named == labels.end() || named->second.empty()) continue;
    out += "    labels:\n";
    for (const std::string& label : named->second) out += "      - " + quoted(label) + "\n";
  }
}

}  // namespace

std::string write_manifest(const ModelConfig& config, const ManifestParts& parts) {
  std::string out =
      "name: " + quoted(parts.model) + "\nformat: onnx\nfiles:\n  model: " + quoted(parts.main_file) + "\n";
  append_tensors(out, "inputs", config.inputs, {});
  append_tensors(out, "outputs", config.outputs, parts.output_labels);
  if (config.max_batch_size) {
    out += "batching:\n  max_batch: " + std::to_string(*config.max_batch_size) + "\n";
    if (*config.max_batch_size == 0) out += "  enabled: false\n";
  }
  if (config.instances != 0) out += "instances: " + std::to_string(config.instances) + "\n";
  if (config.warmup_runs != 0) out += "warmup:\n  runs: " + std::to_string(config.warmup_runs) + "\n";
  out += "labels:\n  " + quoted(ports::kProtocolVersionLabel) + ": " + quoted(std::to_string(parts.version)) + "\n";
  if (config.queue_timeout) {
    out += "  " + quoted(ports::kQueueTimeoutLabel) + ": " + quoted(to_string(*config.queue_timeout)) + "\n";
  }
  for (const TensorConfig& output : config.outputs) {
    const std::string key = std::string(ports::kLabelFileLabel) + output.name;
    if (output.label_file.empty() || !fits_a_key(key) || !fits_a_label(output.label_file)) continue;
    out += "  " + quoted(key) + ": " + quoted(output.label_file) + "\n";
  }
  std::size_t kept = 0;
  for (const auto& [name, value] : config.parameters) {
    const std::string key = std::string(ports::kParameterLabel) + name;
    if (!fits_a_key(key) || !fits_a_label(value) || ++kept > kMostParameters) continue;
    out += "  " + quoted(key) + ": " + quoted(value) + "\n";
  }
  return out;
}

}  // namespace slipway::triton_repository
