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

// Inputs and outputs have different fields after the dimensions.
void append_tensors(std::string& out, const std::vector<tensor::TensorSpec>& specs, bool batched, bool inputs) {
  out += '[';
  for (const tensor::TensorSpec& spec : specs) {
    if (&spec != specs.data()) out += ',';
    out += "{\"name\":";
    append_json_string(out, spec.name);
    out += ",\"data_type\":\"" + data_type_name(spec.datatype) + "\"";
    if (inputs) out += ",\"format\":\"FORMAT_NONE\"";
    out += ",\"dims\":";
    codec::append_json_shape(out, batched ? without_batch(spec.shape) : spec.shape);
    if (inputs) {
      out += ",\"is_shape_tensor\":false,\"allow_ragged_batch\":false,\"optional\":";
      out += spec.optional ? "true}" : "false}";
    } else {
      out += ",\"label_filename\":\"\",\"is_shape_tensor\":false}";
    }
  }
  out += ']';
}

}  // namespace

std::string model_config(const ports::ServedModel& served) {
  const model::Manifest& manifest = served.manifest;
  // max_batch_size 0 says: no batching, dimensions are complete. That is also how a model without a limit is described
  // truthfully.
  const bool batched =
      manifest.batching.enabled && manifest.batching.max_batch > 0 && has_batch_dimension(manifest.signature);
  const std::uint32_t instances = manifest.instances == 0 ? 1 : manifest.instances;
  std::string out = "{\"name\":";
  append_json_string(out, served.name.text());
  out += ",\"platform\":";
  append_json_string(out, served.platform);
  out += ",\"backend\":";
  append_json_string(out, manifest.format == "onnx" ? "onnxruntime" : manifest.format);
  out += ",\"runtime\":\"\",\"version_policy\":{\"specific\":{\"versions\":[" + served.protocol_version_text + "]}}";
  out += ",\"max_batch_size\":" + std::to_string(batched ? manifest.batching.max_batch : 0) + ",\"input\":";
  append_tensors(out, manifest.signature.inputs, batched, true);
  out += ",\"output\":";
  append_tensors(out, manifest.signature.outputs, batched, false);
  out += ",\"batch_input\":[],\"batch_output\":[]";
  if (batched) {
    out += ",\"dynamic_batching\":{\"preferred_batch_size\":[" + std::to_string(manifest.batching.max_batch) +
           "],\"max_queue_delay_microseconds\":0}";
  }
  out += ",\"instance_group\":[{\"name\":";
  append_json_string(out, served.name.text());
  out += ",\"kind\":\"KIND_CPU\",\"count\":" + std::to_string(instances) + ",\"gpus\":[],\"secondary_devices\":[]}]";
  out += ",\"default_model_filename\":";
  append_json_string(out, manifest.main_file);
  return out + ",\"cc_model_filenames\":{},\"metric_tags\":{},\"parameters\":{},\"model_warmup\":[]}";
}

}  // namespace slipway::api_oip
