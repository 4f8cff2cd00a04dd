// ShapedCall: what one shape of call needs, kept for the next of the same: values over the caller's inputs, and memory
// for the outputs once their shapes are known.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "onnxruntime/session.h"

namespace slipway::onnx {

// Owned by an Execution; one thread at a time. Throws Failure.
class ShapedCall {
 public:
  bool is_of(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted) const;
  // Forgets all, and is from now on of these.
  void begin(std::span<const slipway_tensor> inputs, std::span<const std::uint32_t> wanted);

  // A value over the memory of the caller's input at this place; kept while the next call gives the same memory.
  OrtValue* input(std::size_t place, const slipway_tensor& tensor, const OrtMemoryInfo* memory);

  // Outputs of this call came out so. Takes memory for the next ones' if they are small and no text.
  void expect(std::span<const slipway_tensor> outputs, const OrtMemoryInfo* memory);
  void expect_nothing();
  bool has_outputs() const { return !outputs_.empty(); }
  const std::vector<Owned<OrtValue>>& outputs() const { return outputs_; }
  const std::vector<slipway_tensor>& described() const { return described_; }

 private:
  struct Line {
    alignas(64) std::array<std::byte, 64> bytes;
  };
  static std::size_t lines_of(std::uint64_t bytes);
  struct Input {
    std::int32_t index = 0, datatype = 0, rank = 0;
    std::array<std::int64_t, SLIPWAY_MAX_RANK> shape{};
    const void* data = nullptr;
    std::uint64_t byte_length = 0;
    Owned<OrtValue> value;
  };

  std::vector<Input> inputs_;
  std::vector<std::uint32_t> wanted_;
  std::vector<Line> lines_;  // the outputs' memory
  std::vector<Owned<OrtValue>> outputs_;
  std::vector<slipway_tensor> described_;
};

}  // namespace slipway::onnx
