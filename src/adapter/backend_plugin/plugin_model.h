// PluginModel: a model that lives in a plugin. What the plugin says is checked, not trusted.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/backend.h"
#include "slipway/backend_abi.h"

namespace slipway::backend_plugin {

// The caller's buffer of the ABI's errors.
class ErrorText {
 public:
  slipway_error* slot() { return &slot_; }
  std::string text() const { return buffer_.data(); }
  ErrorText() { buffer_[0] = '\0'; }

 private:
  std::array<char, 2048> buffer_;  // its end is written with the text
  slipway_error slot_{buffer_.data(), buffer_.size()};
};

Error error_of(int status, std::string text);

// execute(): any thread. Unloads when it ends.
class PluginModel final : public ports::LoadedModel {
 public:
  // Takes over `model`. Internal: its signature makes no sense. `declared` (may be nullptr): whose reshapes are done.
  static Result<std::shared_ptr<ports::LoadedModel>> adopt(const slipway_backend& table, slipway_model* model,
                                                           const tensor::Signature* declared);
  ~PluginModel() override;

  const tensor::Signature& signature() const override { return signature_; }
  Result<void> execute(ports::Batch& batch) override;

 private:
  PluginModel(const slipway_backend& table, slipway_model* model) : table_(table), model_(model) {}
  Result<void> read_signature();
  void read_reshapes(const tensor::Signature& declared);
  Result<void> take_outputs(const slipway_result& result, std::size_t count, ports::Batch& batch) const;
  static void release(void* owner, void* memory);

  const slipway_backend& table_;
  slipway_model* const model_;
  // Of one input or output: callers' shape and the model's.
  struct Reshape {
    tensor::Shape outside, inside;
  };
  using Reshapes = std::vector<std::optional<Reshape>>;  // empty: none; else one for each

  tensor::Signature signature_;
  Reshapes input_reshapes_, output_reshapes_;
};

}  // namespace slipway::backend_plugin
