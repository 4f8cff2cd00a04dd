// ConfigMessage: the protobuf message of a configuration, and where in its text each field stood.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace inference {
class ModelConfig;  // api/proto/model_config.proto
}

namespace slipway::triton_repository {

// One thread. Failures: InvalidInput.
class ConfigMessage {
 public:
  static Result<ConfigMessage> from_text(std::string_view text, std::string_view file);
  static Result<ConfigMessage> from_json(std::string_view json);
  ConfigMessage(ConfigMessage&&) noexcept;
  ConfigMessage& operator=(ConfigMessage&&) = delete;
  ~ConfigMessage();

  const inference::ModelConfig& message() const;
  // "config.pbtxt:3:11: input[0].dims: " + what. A field that was not said stands where its message does.
  std::string placed(std::string_view field, std::string_view what) const;

 private:
  struct Parts;
  explicit ConfigMessage(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace slipway::triton_repository
