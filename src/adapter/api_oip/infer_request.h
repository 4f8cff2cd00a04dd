// InferRequest: one request of the Open Inference Protocol v2, read from its HTTP body or its gRPC message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/api_oip/infer_form.h"
#include "adapter/codec/arena.h"
#include "base/clock.h"
#include "base/result.h"
#include "domain/tensor/signature.h"

namespace slipway::api_oip {

inline constexpr std::size_t kMaxTensors = 1024;  // inputs, and outputs, named in one request

struct OutputWish {
  std::string_view name;
  std::optional<bool> binary;  // none: as the request's binary_data_output says
  std::uint64_t classes = 0;   // > 0: the classification extension
};

// Reused from request to request so that a steady stream allocates nothing. One thread. Everything it shows borrows the
// body and the arena.
class InferRequest {
 public:
  // `header_length`: the value of Inference-Header-Content-Length, empty when absent. InvalidInput tells the JSON path
  // and byte offset, or the tensor and the bytes expected and found.
  Result<void> read(ByteSpan body, std::string_view header_length, codec::Arena& arena);
  // The body is the model's one input and nothing else; `rows`: the signature's free first dimensions are a batch, of
  // one row here. InvalidInput: several inputs, or a size that fits no shape.
  Result<void> read_raw(ByteSpan body, const tensor::Signature& signature, bool rows, codec::Arena& arena);
  // Copies the names it shows of `body` to the arena. False: a tensor lies in the body, which must stay.
  bool leave(ByteSpan body, codec::Arena& arena);
  void clear();

  const std::optional<std::string_view>& id() const { return id_; }
  std::optional<Duration> timeout() const { return timeout_; }
  std::uint32_t priority() const { return priority_; }
  std::string_view unit() const { return unit_.value_or(std::string_view()); }  // model::kUnitParameter
  bool binary_outputs() const { return binary_outputs_; }
  const std::vector<tensor::TensorView>& inputs() const { return inputs_; }
  const std::vector<OutputWish>& outputs() const { return outputs_; }

 private:
  friend class InferReader;
  friend class InferMessage;
  void set_timeout(std::uint64_t microseconds);  // 0 means "no wish", as in Triton; beyond a year means a year
  void set_priority(std::uint64_t priority);
  bool wishes_for(std::string_view output) const;
  bool is_only_inputs() const {
    return inputs_.size() == 1 && outputs_.empty() && !id_ && !unit_ && !timeout_ && priority_ == 0 && !binary_outputs_;
  }
  InferForm form_;

  std::optional<std::string_view> id_;
  std::optional<std::string_view> unit_;
  std::optional<Duration> timeout_;
  std::uint32_t priority_ = 0;
  bool binary_outputs_ = false;
  std::vector<tensor::TensorView> inputs_;
  std::vector<OutputWish> outputs_;
};

// "expected a datatype (...), found ...": what both readers say.
std::string expected_datatype(std::string_view found);

// How much of such a body has to be parsed.
std::size_t text_size(ByteSpan body, std::string_view header_length);

// True if `body` is one raw tensor: the header says 0, or an octet-stream comes without it.
bool is_raw(std::string_view header_length, std::string_view content_type);

}  // namespace slipway::api_oip
