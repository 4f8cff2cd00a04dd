#include "adapter/api_oip/metadata.h"

#include <algorithm>
#include <array>

#include "adapter/codec/json_tensor.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

constexpr std::array<std::string_view, 10> kExtensions = {"classification",
                                                          "model_repository",
                                                          "schedule_policy",
                                                          "model_configuration",
                                                          "binary_tensor_data",
                                                          "parameters",
                                                          "statistics",
                                                          "model_repository(unload_dependents)",
                                                          "trace",
                                                          "logging"};

void append_tensor_list(std::string& out, const std::vector<tensor::TensorSpec>& specs) {
  out += '[';
  for (const tensor::TensorSpec& spec : specs) {
    if (&spec != specs.data()) out += ',';
    out += "{\"name\":";
    append_json_string(out, spec.name);
    out += ",\"datatype\":\"";
    out += name_of(spec.datatype);
    out += "\",\"shape\":";
    codec::append_json_shape(out, spec.shape);
    out += '}';
  }
  out += ']';
}

}  // namespace

std::string server_metadata(std::string_view name, std::string_view version) {
  std::string out = "{\"name\":";
  append_json_string(out, name);
  out += ",\"version\":";
  append_json_string(out, version);
  out += ",\"extensions\":[";
  for (std::size_t i = 0; i < kExtensions.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, kExtensions[i]);
  }
  return out + "]}";
}

std::string model_metadata(const ports::ServedModel& served, std::span<const model::VersionNumber> versions) {
  std::string out = "{\"name\":";
  append_json_string(out, served.name.text());
  out += ",\"versions\":[";
  for (std::size_t i = 0; i < versions.size(); ++i) {
    out += (i == 0 ? "\"" : ",\"") + std::to_string(versions[i]) + "\"";
  }
  out += "],\"platform\":";
  append_json_string(out, served.platform);
  out += ",\"inputs\":";
  append_tensor_list(out, served.manifest.signature.inputs);
  out += ",\"outputs\":";
  append_tensor_list(out, served.manifest.signature.outputs);
  return out + "}";
}

std::string model_list(std::span<const ports::ServedState> states) {
  std::vector<std::string_view> names;
  for (const ports::ServedState& state : states) {
    if (state.state == ports::ServedState::State::Ready) names.push_back(state.model);
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  std::string out = "{\"models\":[";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, names[i]);
  }
  return out + "]}";
}

}  // namespace slipway::api_oip
