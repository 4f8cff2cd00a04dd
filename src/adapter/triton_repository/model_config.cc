#include "adapter/triton_repository/model_config.h"

#include <proto/model_config.pb.h>

#include <algorithm>

#include "adapter/triton_repository/config_message.h"
#include "adapter/triton_repository/config_notes.h"
#include "base/text.h"
#include "domain/model/manifest.h"
#include "domain/tensor/reshape.h"

namespace slipway::triton_repository {
namespace {

constexpr std::int64_t kMostInstances = 1024;
constexpr std::uint64_t kMostWarmups = 1000;
constexpr int kMostTensors = 1024;
constexpr int kMostVersions = 1024;
constexpr std::uint64_t kLongestTimeout = 24ULL * 3600 * 1'000'000;

// Reads one message, with the words for what is wrong with it.
class Reading {
 public:
  Reading(const ConfigMessage& source, std::string_view model)
      : source_(source), in_(source.message()), model_(model) {}

  Result<ModelConfig> read();

 private:
  Error wrong(std::string_view field, std::string_view what) const {
    return invalid_input(source_.placed(field, what));
  }
  Error missing(std::string_view field, std::string_view what) const {
    return unimplemented(source_.placed(field, what));
  }

  Result<void> check_engine() const;
  Result<void> check_abilities() const;
  Result<void> read_batching(ModelConfig& config) const;
  Result<void> read_versions(VersionPolicy& policy) const;
  Result<void> read_instances(ModelConfig& config) const;
  Result<void> read_file(ModelConfig& config) const;
  Result<tensor::Shape> shape(const std::string& field,
                              const google::protobuf::RepeatedField<std::int64_t>& dims) const;
  template <class Message>
  Result<TensorConfig> tensor(const std::string& field, const Message& message) const;
  template <class List>
  Result<std::vector<TensorConfig>> tensors(const std::string& field, const List& list) const;
  // Dimension 0 counts the rows of a request and is not among dims.
  bool is_batched() const { return in_.max_batch_size() > 0; }

  const ConfigMessage& source_;
  const inference::ModelConfig& in_;
  std::string_view model_;
};

std::optional<tensor::DataType> data_type(inference::DataType type) {
  if (type == inference::TYPE_STRING) return tensor::DataType::Bytes;
  const std::string name = inference::DataType_Name(type);
  return tensor::parse_data_type(std::string_view(name).substr(std::min<std::size_t>(name.size(), 5)));
}

std::string indexed(const std::string& field, int index) {
  return field + "[" + std::to_string(index) + "]";
}

Result<void> Reading::check_engine() const {
  if (in_.platform() == "ensemble" || in_.has_ensemble_scheduling()) {
    return missing(in_.has_ensemble_scheduling() ? "ensemble_scheduling" : "platform",
                   "ensembles are not served: a model is one ONNX file");
  }
  const bool backend = in_.backend().empty() || in_.backend() == "onnxruntime";
  if (!backend) {
    return missing("backend",
                   "there is no backend \"" + printable(in_.backend(), 60) + "\" here; expected onnxruntime");
  }
  if (!in_.platform().empty() && in_.platform() != "onnxruntime_onnx") {
    return missing("platform",
                   "there is no platform \"" + printable(in_.platform(), 60) + "\" here; expected onnxruntime_onnx");
  }
  return {};
}

Result<void> Reading::check_abilities() const {
  if (in_.has_sequence_batching()) return missing("sequence_batching", "sequences of requests are not kept together");
  if (in_.batch_input_size() > 0) return missing("batch_input", "no inputs are made from the batch");
  if (in_.batch_output_size() > 0) return missing("batch_output", "no outputs are made from the batch");
  if (in_.model_transaction_policy().decoupled()) {
    return missing("model_transaction_policy.decoupled", "a request has exactly one answer");
  }
  if (in_.model_operations().op_library_filename_size() > 0) {
    return missing("model_operations.op_library_filename", "operators from libraries are not loaded");
  }
  if (in_.model_repository_agents().agents_size() > 0) {
    return missing("model_repository_agents.agents", "there are no repository agents");
  }
  return {};
}

Result<void> Reading::read_batching(ModelConfig& config) const {
  if (in_.has_max_batch_size()) {
    const std::int64_t most = in_.max_batch_size();
    if (most < 0 || most > std::int64_t{model::kMostRows}) {
      return wrong("max_batch_size", "expected 0 to 1000000, found " + std::to_string(most));
    }
    config.max_batch_size = static_cast<std::uint32_t>(most);
  } else if (in_.input_size() > 0 || in_.output_size() > 0) {
    config.max_batch_size = 0;  // as the protocol's default has it; with nothing said the model decides
  }
  if (!in_.has_dynamic_batching()) return {};
  const inference::ModelQueuePolicy& policy = in_.dynamic_batching().default_queue_policy();
  const std::uint64_t timeout = policy.default_timeout_microseconds();
  if (timeout == 0 || policy.timeout_action() != inference::ModelQueuePolicy::REJECT) return {};
  if (timeout > kLongestTimeout) {
    return wrong("dynamic_batching.default_queue_policy.default_timeout_microseconds",
                 "expected at most 24 hours, found " + std::to_string(timeout) + " us");
  }
  config.queue_timeout = std::chrono::microseconds(timeout);
  return {};
}

Result<void> Reading::read_versions(VersionPolicy& policy) const {
  if (!in_.has_version_policy()) return {};
  const inference::ModelVersionPolicy& said = in_.version_policy();
  if (said.has_all()) policy.kind = VersionPolicy::Kind::All;
  if (said.has_latest()) {
    policy.latest = said.latest().num_versions();
    if (policy.latest == 0) return wrong("version_policy.latest.num_versions", "expected 1 or more, found 0");
  }
  if (said.has_specific()) {
    policy.kind = VersionPolicy::Kind::Specific;
    const auto& versions = said.specific().versions();
    if (versions.empty()) return wrong("version_policy.specific", "expected versions, found none");
    if (versions.size() > kMostVersions) return wrong("version_policy.specific.versions", "expected at most 1024");
    for (int i = 0; i < versions.size(); ++i) {
      if (versions[i] < 1) {
        return wrong(indexed("version_policy.specific.versions", i),
                     "expected a version of 1 or more, found " + std::to_string(versions[i]));
      }
      policy.specific.push_back(static_cast<model::VersionNumber>(versions[i]));
    }
  }
  return {};
}

Result<void> Reading::read_instances(ModelConfig& config) const {
  std::int64_t sum = 0;
  for (int i = 0; i < in_.instance_group_size(); ++i) {
    const inference::ModelInstanceGroup& group = in_.instance_group(i);
    if (!group.has_count()) continue;
    if (group.count() < 0) {
      return wrong(indexed("instance_group", i) + ".count",
                   "expected 0 or more, found " + std::to_string(group.count()));
    }
    sum += group.count();
  }
  if (sum > kMostInstances) {
    return wrong("instance_group", "expected at most 1024 instances, found " + std::to_string(sum));
  }
  config.instances = static_cast<std::uint32_t>(sum);
  return {};
}

Result<void> Reading::read_file(ModelConfig& config) const {
  const std::string& file = in_.default_model_filename();
  if (file.empty()) return {};
  if (file.find('/') != std::string::npos || file.starts_with('.') || has_control_characters(file)) {
    return wrong("default_model_filename", "expected a file's name, without a path, found \"" + printable(file) + "\"");
  }
  config.model_file = file;
  return {};
}

Result<tensor::Shape> Reading::shape(const std::string& field,
                                     const google::protobuf::RepeatedField<std::int64_t>& dims) const {
  tensor::Shape shape;
  if (is_batched()) shape.append(tensor::kFreeDimension);
  for (int i = 0; i < dims.size(); ++i) {
    if (dims[i] < 1 && dims[i] != tensor::kFreeDimension) {
      return wrong(indexed(field, i), "expected a size of 1 or more, or -1 for any, found " + std::to_string(dims[i]));
    }
    if (!shape.append(dims[i])) {
      return wrong(indexed(field, i),
                   "expected at most " + std::to_string(tensor::kMaxRank) + " dimensions with the batch, found more");
    }
  }
  return shape;
}

template <class Message>
Result<TensorConfig> Reading::tensor(const std::string& field, const Message& message) const {
  TensorConfig tensor;
  tensor.name = message.name();
  if (tensor.name.empty()) return wrong(field, "expected a name, found none");
  if (message.is_shape_tensor()) return missing(field + ".is_shape_tensor", "there are no shape tensors");
  if (message.data_type() != inference::TYPE_INVALID) {
    tensor.datatype = data_type(message.data_type());
    if (!tensor.datatype) return wrong(field + ".data_type", "expected a data type, found none");
  }
  // With the batch in front, a value per row has no dims of its own.
  if (message.dims().empty() && !is_batched()) return wrong(field, "expected dims, found none");
  tensor.dims = TRY(shape(field + ".dims", message.dims()));
  if (message.has_reshape()) {
    tensor::Shape reshaped = TRY(shape(field + ".reshape.shape", message.reshape().shape()));
    if (!tensor::is_reshape(tensor.dims, reshaped)) {
      return wrong(field + ".reshape.shape", "expected as many values as dims " + tensor.dims.to_string() +
                                                 " have before, between and after what is free, found " +
                                                 reshaped.to_string());
    }
    if (reshaped != tensor.dims) tensor.model_dims = reshaped;
  }
  return tensor;
}

template <class List>
Result<std::vector<TensorConfig>> Reading::tensors(const std::string& field, const List& list) const {
  if (list.size() > kMostTensors) return wrong(field, "expected at most 1024, found " + std::to_string(list.size()));
  std::vector<TensorConfig> read;
  for (int i = 0; i < list.size(); ++i) {
    read.push_back(TRY(tensor(indexed(field, i), list[i])));
    const auto same = [&](const TensorConfig& other) { return other.name == read.back().name; };
    if (std::ranges::count_if(read, same) > 1) {
      return wrong(indexed(field, i) + ".name", "\"" + printable(read.back().name) + "\" is there twice");
    }
  }
  return read;
}

Result<ModelConfig> Reading::read() {
  if (!in_.name().empty() && in_.name() != model_) {
    return wrong("name",
                 "expected the folder's name \"" + printable(model_) + "\", found \"" + printable(in_.name()) + "\"");
  }
  TRY(check_engine());
  TRY(check_abilities());
  ModelConfig config;
  TRY(read_batching(config));
  config.inputs = TRY(tensors("input", in_.input()));
  for (int i = 0; i < in_.input_size(); ++i) {
    if (in_.input(i).allow_ragged_batch()) {
      return missing(indexed("input", i) + ".allow_ragged_batch", "rows of one batch have one shape");
    }
    config.inputs[static_cast<std::size_t>(i)].optional = in_.input(i).optional();
  }
  config.outputs = TRY(tensors("output", in_.output()));
  for (int i = 0; i < in_.output_size(); ++i) {
    config.outputs[static_cast<std::size_t>(i)].label_file = in_.output(i).label_filename();
  }
  TRY(read_versions(config.versions));
  TRY(read_instances(config));
  TRY(read_file(config));
  std::uint64_t runs = 0;
  for (const inference::ModelWarmup& sample : in_.model_warmup()) runs += std::max(sample.count(), 1U);
  config.warmup_runs = static_cast<std::uint32_t>(std::min(runs, kMostWarmups));
  for (const auto& [key, value] : in_.parameters()) config.parameters.emplace(key, value.string_value());
  config.notes = notes_on(in_);
  return config;
}

}  // namespace

Result<ModelConfig> read_config_text(std::string_view text, std::string_view model, std::string_view file) {
  const ConfigMessage message = TRY(ConfigMessage::from_text(text, file));
  return Reading(message, model).read();
}

Result<ModelConfig> read_config_json(std::string_view json, std::string_view model) {
  const ConfigMessage message = TRY(ConfigMessage::from_json(json));
  return Reading(message, model).read();
}

}  // namespace slipway::triton_repository
