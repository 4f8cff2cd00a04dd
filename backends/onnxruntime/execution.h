// Execution: one Run of a session: values made over the caller's memory, outputs held until given back.
#pragma once

#include <array>
#include <vector>

#include "onnxruntime/session.h"

namespace slipway::onnx {

// One thread at a time; pooled, so that in steady state only ONNX Runtime allocates.
class Execution {
 public:
  explicit Execution(const Session& session);

  // Throws Failure. On success the outputs live until clear().
  void run(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted, slipway_tensor* outputs);
  void clear();

 private:
  // A value over memory of the caller, kept while the next run gives the same memory and shape.
  struct Input {
    Owned<OrtValue> value;
    const void* data = nullptr;
    std::uint64_t byte_length = 0;
    std::array<std::int64_t, SLIPWAY_MAX_RANK> shape{};
  };
  OrtValue* value_over(const slipway_tensor& tensor);
  void describe(OrtValue* value, const backend::Spec& spec, std::vector<std::byte>& text, slipway_tensor& out);

  const Session& session_;
  Owned<OrtMemoryInfo> memory_;
  Owned<OrtRunOptions> run_options_;  // without them each run makes its own
  std::vector<Input> inputs_;         // by index in the signature
  std::vector<const char*> input_names_;
  std::vector<const OrtValue*> input_values_;
  std::vector<const char*> output_names_;
  std::vector<OrtValue*> output_values_;
  std::vector<Owned<OrtValue>> outputs_;
  std::vector<std::vector<std::byte>> texts_;  // BYTES outputs, one per output of the signature
};

}  // namespace slipway::onnx
