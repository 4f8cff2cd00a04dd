#include "adapter/triton_repository/config_notes.h"

#include <proto/model_config.pb.h>

namespace slipway::triton_repository {
namespace {

using Notes = std::vector<std::string>;

void on_batching(const inference::ModelConfig& config, Notes& notes) {
  if (!config.has_dynamic_batching()) return;
  const inference::ModelDynamicBatching& batching = config.dynamic_batching();
  if (batching.max_queue_delay_microseconds() > 0 || batching.preferred_batch_size_size() > 0) {
    notes.emplace_back(
        "dynamic_batching: preferred_batch_size and max_queue_delay_microseconds are not needed: what has arrived is "
        "executed together, at once, and nothing waits for more");
  }
  if (batching.preserve_ordering()) {
    notes.emplace_back("dynamic_batching: preserve_ordering has no effect: each answer goes out when it is ready");
  }
  if (batching.priority_levels() > 0) {
    notes.emplace_back("dynamic_batching: priority_levels is not needed: requests with a priority go first as it is");
  }
  if (batching.priority_queue_policy_size() > 0 || batching.default_queue_policy().max_queue_size() > 0) {
    notes.emplace_back("dynamic_batching: queues are bounded by the time they take, not by max_queue_size");
  }
  const bool rejects = batching.default_queue_policy().timeout_action() == inference::ModelQueuePolicy::REJECT;
  if (rejects && batching.default_queue_policy().default_timeout_microseconds() > 0) {
    notes.emplace_back(
        "dynamic_batching: default_queue_policy: default_timeout_microseconds is how long a request may wait; its "
        "answer is due after that and what executing a full batch takes. A request may always ask for less, whatever "
        "allow_timeout_override says");
  }
  if (!rejects) {
    notes.emplace_back("dynamic_batching: default_queue_policy: DELAY has no effect: an expired request is refused");
  }
}

void on_instances(const inference::ModelConfig& config, Notes& notes) {
  for (const inference::ModelInstanceGroup& group : config.instance_group()) {
    if (group.kind() == inference::ModelInstanceGroup::KIND_GPU || group.gpus_size() > 0) {
      notes.emplace_back("instance_group: KIND_GPU: this server executes ONNX models on the CPU");
      return;
    }
  }
}

void on_warmup(const inference::ModelConfig& config, Notes& notes) {
  for (const inference::ModelWarmup& sample : config.model_warmup()) {
    for (const auto& [name, input] : sample.inputs()) {
      if (!input.input_data_file().empty()) {
        notes.emplace_back("model_warmup: input_data_file is not read: warm-up makes its own values");
        return;
      }
    }
  }
}

}  // namespace

std::vector<std::string> notes_on(const inference::ModelConfig& config) {
  Notes notes;
  on_instances(config, notes);
  if (config.cc_model_filenames_size() > 0)
    notes.emplace_back("cc_model_filenames: only default_model_filename counts");
  if (config.metric_tags_size() > 0) notes.emplace_back("metric_tags: not shown in the metrics");
  on_batching(config, notes);
  if (config.has_optimization()) {
    notes.emplace_back("optimization: not used: ONNX Runtime's own optimizations are always on, accelerators never");
  }
  if (config.parameters_size() > 0) notes.emplace_back("parameters: kept as labels of the version, without effect");
  on_warmup(config, notes);
  if (config.response_cache().enable()) notes.emplace_back("response_cache: there is none; every request is executed");
  if (config.has_model_metrics()) notes.emplace_back("model_metrics: not used; /metrics has fixed buckets");
  return notes;
}

}  // namespace slipway::triton_repository
