// ModelConfig: what a Triton repository says of a model (config.pbtxt), as far as Slipway acts on it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model/name.h"
#include "domain/tensor/data_type.h"
#include "domain/tensor/shape.h"

namespace slipway::triton_repository {

inline constexpr std::string_view kConfigFile = "config.pbtxt";
inline constexpr std::string_view kModelFile = "model.onnx";
inline constexpr std::size_t kLargestConfig = 1 << 20;

struct TensorConfig {
  std::string name;
  std::optional<tensor::DataType> datatype;  // none: TYPE_INVALID, the model's own
  tensor::Shape dims;                        // as requests have them, with the batch dimension
  std::optional<tensor::Shape> model_dims;   // the model's where it has others: a reshape
  bool optional = false;
  std::string label_file;  // relative to the model's folder; empty: none
};

// Which versions are served: the newest `latest`, or those of `specific`, or all.
struct VersionPolicy {
  enum class Kind : std::uint8_t { Latest, All, Specific } kind = Kind::Latest;
  std::uint32_t latest = 1;
  std::vector<model::VersionNumber> specific;
};

// A value. What is not said is left to the model.
struct ModelConfig {
  std::optional<std::uint32_t> max_batch_size;  // 0: requests are never merged and dims are complete
  std::vector<TensorConfig> inputs;
  std::vector<TensorConfig> outputs;
  VersionPolicy versions;
  std::string model_file{kModelFile};
  std::uint32_t instances = 0;            // 0: not said
  std::optional<Duration> queue_timeout;  // how long a request may wait to be executed
  std::uint32_t warmup_runs = 0;          // 0: not said
  std::map<std::string, std::string> parameters;
  std::vector<std::string> notes;  // what it says that has no use here, and why that is well; for people
};

// Protobuf's text format with the fields of api/proto/model_config.proto, at most kLargestConfig bytes. InvalidInput
// names `file`, line, column and field, for an unknown one the nearest there is. Unimplemented: it asks for what
// Slipway does not have (another backend, ensembles, sequences, ...). `model` is the folder's name.
Result<ModelConfig> read_config_text(std::string_view text, std::string_view model,
                                     std::string_view file = kConfigFile);
// The same as JSON, as the parameter `config` of a load has it; errors name the field.
Result<ModelConfig> read_config_json(std::string_view json, std::string_view model);

}  // namespace slipway::triton_repository
