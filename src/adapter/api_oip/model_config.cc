#include <string_view>

#include "adapter/api_oip/metadata.h"
#include "adapter/codec/json_tensor.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

std::string data_type_name(tensor::DataType type) {
  return type == tensor::DataType::Bytes ? "TYPE_STRING" : "TYPE_" + std::string(name_of(type));
}

tensor::Shape without_batch(const tensor::Shape& shape) {
  tensor::Shape rest;
  for (std::size_t i = 1; i < shape.rank(); ++i) rest.append(shape[i]);
  return rest;
}

// What the configuration that the version was made from said, where the version's labels keep it.
std::string_view kept(const model::Manifest& manifest, const std::string& label) {
  const auto found = manifest.labels.find(label);
  return found == manifest.labels.end() ? std::string_view() : std::string_view(found->second);
}

// Inputs and outputs have different fields after the dimensions.
void append_tensors(std::string& out, const model::Manifest& manifest, bool batched, bool inputs) {
  const std::vector<tensor::TensorSpec>& specs = inputs ? manifest.signature.inputs : manifest.signature.outputs;
  out += '[';
  for (const tensor::TensorSpec& spec : specs) {
    if (&spec != specs.data()) out += ',';
    out += "{\"name\":";
    append_json_string(out, spec.name);
    out += ",\"data_type\":\"" + data_type_name(spec.datatype) + "\"";
    if (inputs) out += ",\"format\":\"FORMAT_NONE\"";
    out += ",\"dims\":";
    codec::append_json_shape(out, batched ? without_batch(spec.shape) : spec.shape);
    if (spec.model_shape) {
      out += ",\"reshape\":{\"shape\":";
      codec::append_json_shape(out, batched ? without_batch(*spec.model_shape) : *spec.model_shape);
      out += '}';
    }
    if (inputs) {
      out += ",\"is_shape_tensor\":false,\"allow_ragged_batch\":false,\"optional\":";
      out += spec.optional ? "true}" : "false}";
    } else {
      out += ",\"label_filename\":";
      append_json_string(out, kept(manifest, std::string(ports::kLabelFileLabel) + spec.name));
      out += ",\"is_shape_tensor\":false}";
    }
  }
  out += ']';
}

void append_versions(std::string& out, std::span<const model::VersionNumber> versions) {
  out += "\"version_policy\":{\"specific\":{\"versions\":[";
  for (std::size_t i = 0; i < versions.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(versions[i]);
  out += "]}}";
}

void append_parameters(std::string& out, const model::Manifest& manifest) {
  out += "\"parameters\":{";
  bool first = true;
  for (const auto& [label, value] : manifest.labels) {
    if (!label.starts_with(ports::kParameterLabel)) continue;
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, std::string_view(label).substr(ports::kParameterLabel.size()));
    out += ":{\"string_value\":";
    append_json_string(out, value);
    out += '}';
  }
  out += '}';
}

// As far as it says something: an answer is due after the wait and the execution.
void append_queue_policy(std::string& out, const model::Manifest& manifest) {
  const auto wait = parse_duration(kept(manifest, std::string(ports::kQueueTimeoutLabel)));
  if (!wait) return;
  out += ",\"default_queue_policy\":{\"timeout_action\":\"REJECT\",\"default_timeout_microseconds\":" +
         std::to_string(*wait / std::chrono::microseconds(1)) + ",\"allow_timeout_override\":true}";
}

// A sample for each run, whose values are made up.
void append_warmup(std::string& out, const model::Manifest& manifest) {
  out += "\"model_warmup\":[";
  if (manifest.warmup_runs > 0 && manifest.warmup_runs != model::Manifest{}.warmup_runs) {
    out +=
        "{\"name\":\"warmup\",\"batch_size\":1,\"inputs\":{},\"count\":" + std::to_string(manifest.warmup_runs) + "}";
  }
  out += ']';
}

// As a model's folder names it: a folder of the same name may hold the file and its external data.
std::string_view file_name(std::string_view main_file) {
  const std::size_t slash = main_file.find('/');
  const bool is_in_its_folder =
      slash != std::string_view::npos && main_file.substr(0, slash) == main_file.substr(slash + 1);
  return is_in_its_folder ? main_file.substr(0, slash) : main_file;
}

}  // namespace

std::string model_config(const ports::ServedModel& served, std::span<const model::VersionNumber> versions) {
  const model::Manifest& manifest = served.manifest;
  // max_batch_size 0 says: no batching, dimensions are complete. A model without a limit has the largest there is.
  const std::uint64_t limit = manifest.batching.max_batch;
  const bool batched = manifest.batching.enabled && has_batch_dimension(manifest.signature);
  std::string out = "{\"name\":";
  append_json_string(out, served.name.text());
  out += ",\"platform\":";
  const bool is_onnx = manifest.format == "onnx";
  append_json_string(out, is_onnx ? "onnxruntime_onnx" : served.platform);
  out += ",\"backend\":";
  append_json_string(out, is_onnx ? "onnxruntime" : manifest.format);
  out += ",\"runtime\":\"\",";
  append_versions(out, versions);
  const std::uint64_t most = !batched ? 0 : limit > 0 ? limit : model::kMostRows;
  out += ",\"max_batch_size\":" + std::to_string(most) + ",\"input\":";
  append_tensors(out, manifest, batched, true);
  out += ",\"output\":";
  append_tensors(out, manifest, batched, false);
  out += ",\"batch_input\":[],\"batch_output\":[]";
  if (batched) {
    out += ",\"dynamic_batching\":{\"preferred_batch_size\":[" + (limit > 0 ? std::to_string(limit) : "") +
           "],\"max_queue_delay_microseconds\":0";
    append_queue_policy(out, manifest);
    out += '}';
  }
  out += ",\"instance_group\":[{\"name\":";
  append_json_string(out, served.name.text());
  out += ",\"kind\":\"KIND_CPU\"";
  if (manifest.instances > 0) out += ",\"count\":" + std::to_string(manifest.instances);  // else: one per core
  out += ",\"gpus\":[],\"secondary_devices\":[]}]";
  out += ",\"default_model_filename\":";
  append_json_string(out, file_name(manifest.main_file));
  out += ",\"cc_model_filenames\":{},\"metric_tags\":{},";
  append_parameters(out, manifest);
  out += ',';
  append_warmup(out, manifest);
  return out + "}";
}

}  // namespace slipway::api_oip
