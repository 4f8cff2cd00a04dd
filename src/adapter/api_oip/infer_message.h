// InferMessage: a ModelInferRequest of the gRPC protocol, read in place into the same InferRequest as an HTTP body.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapter/api_oip/infer_request.h"
#include "adapter/codec/arena.h"
#include "adapter/protobuf_wire/wire_reader.h"
#include "base/result.h"
#include "domain/model/version.h"

namespace slipway::api_oip {

// A version as gRPC's messages write it: none when empty. InvalidInput: no whole number; NotFound: one that no version
// has.
Result<std::optional<model::VersionNumber>> wanted_version(std::string_view text);

// Reused from message to message so that a steady stream allocates nothing. One thread. Borrows the message.
class InferMessage {
 public:
  // InvalidInput tells the tensor and what was expected and found, or the place of malformed protobuf; NotFound: a
  // version number that no model has. `into` then still shows the id, if the message had one.
  Result<void> read(ByteSpan message, InferRequest& into, codec::Arena& arena);

  std::string_view model() const { return model_; }
  std::optional<model::VersionNumber> version() const { return version_; }
  // The client counts answers by a mark on the last one (triton_enable_empty_final_response).
  bool wants_final_mark() const { return wants_final_mark_; }

 private:
  using Field = protobuf_wire::WireField;
  // A tensor before its elements are read.
  struct Draft {
    tensor::TensorView view;
    std::optional<std::string_view> datatype;
    std::optional<ByteSpan> contents;
  };

  Result<void> read_fields(ByteSpan message, InferRequest& into);
  Result<void> read_parameters(InferRequest& into);
  Result<void> read_inputs(InferRequest& into, codec::Arena& arena);
  Result<tensor::TensorView> read_input(const Field& message, std::size_t index, codec::Arena& arena) const;
  Result<void> read_outputs(InferRequest& into);

  std::string_view model_;
  std::string_view version_text_;
  std::optional<model::VersionNumber> version_;
  bool wants_final_mark_ = false;
  std::vector<Field> parameters_, inputs_, outputs_, raws_;
};

}  // namespace slipway::api_oip
