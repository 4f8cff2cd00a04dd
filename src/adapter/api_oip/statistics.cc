#include <string_view>

#include "adapter/api_oip/metadata.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

using Timed = ports::ModelStatistics::Timed;

void append_timed(std::string& out, std::string_view name, const Timed& timed) {
  out += '"';
  out += name;
  out += "\":{\"count\":" + std::to_string(timed.count) + ",\"ns\":" + std::to_string(timed.total.count()) + "}";
}

void append_model(std::string& out, const ports::ModelStatistics& model) {
  const auto milliseconds =
      model.last_inference
          ? std::chrono::duration_cast<std::chrono::milliseconds>(model.last_inference->time_since_epoch()).count()
          : 0;
  out += "{\"name\":";
  append_json_string(out, model.model);
  out += ",\"version\":\"" + std::to_string(model.protocol_version) +
         "\",\"last_inference\":" + std::to_string(milliseconds);
  out += ",\"inference_count\":" + std::to_string(model.inferences);
  out += ",\"execution_count\":" + std::to_string(model.executions) + ",\"inference_stats\":{";
  append_timed(out, "success", model.success);
  append_timed(out += ',', "fail", model.fail);
  append_timed(out += ',', "queue", model.queue);
  append_timed(out += ',', "compute_input", model.compute_input);
  append_timed(out += ',', "compute_infer", model.compute_infer);
  append_timed(out += ',', "compute_output", model.compute_output);
  append_timed(out += ',', "cache_hit", {});
  append_timed(out += ',', "cache_miss", {});
  out += "},\"response_stats\":{},\"batch_stats\":[";
  for (const auto& batch : model.by_batch) {
    if (&batch != model.by_batch.data()) out += ',';
    out += "{\"batch_size\":" + std::to_string(batch.rows);
    append_timed(out += ',', "compute_input", batch.compute_input);
    append_timed(out += ',', "compute_infer", batch.compute_infer);
    append_timed(out += ',', "compute_output", batch.compute_output);
    out += '}';
  }
  out += "],\"memory_usage\":[]}";
}

}  // namespace

std::string model_statistics(std::span<const ports::ModelStatistics> statistics) {
  std::string out = "{\"model_stats\":[";
  for (const ports::ModelStatistics& model : statistics) {
    if (&model != statistics.data()) out += ',';
    append_model(out, model);
  }
  return out + "]}";
}

}  // namespace slipway::api_oip
