// Execution: one Run of a session: values made over the caller's memory, outputs held until given back.
#pragma once

#include <array>
#include <vector>

#include "onnxruntime/shaped_call.h"

namespace slipway::onnx {

// One thread at a time; pooled, so that in steady state only ONNX Runtime allocates.
class Execution {
 public:
  explicit Execution(const Session& session);

  // Throws Failure. On success the outputs live until clear().
  void run(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted, slipway_tensor* outputs);
  void clear();

 private:
  static constexpr std::size_t kShapes = 8;  // shapes of calls that are remembered
  ShapedCall* find_call(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted);
  ShapedCall& begin_call(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted);
  bool run_into_kept(const ShapedCall& call, slipway_tensor* outputs);
  OrtStatus* run_session();
  void describe(OrtValue* value, const backend::Spec& spec, std::vector<std::byte>& text, slipway_tensor& out);

  const Session& session_;
  Owned<OrtMemoryInfo> memory_;
  Owned<OrtRunOptions> run_options_;  // without them each run makes its own
  std::array<ShapedCall, kShapes> calls_;
  std::size_t next_call_ = 0;
  bool keeps_outputs_;  // until their shapes are found to depend on more than the inputs' shapes
  std::vector<const char*> input_names_;
  std::vector<const OrtValue*> input_values_;
  std::vector<const char*> output_names_;
  std::vector<OrtValue*> output_values_;
  std::vector<Owned<OrtValue>> outputs_;
  std::vector<std::vector<std::byte>> texts_;  // BYTES outputs, one per output of the signature
};

}  // namespace slipway::onnx
