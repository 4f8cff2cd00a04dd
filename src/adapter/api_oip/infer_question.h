// InferQuestion: what one ModelInferRequest needs from its bytes to its answer, for unary calls and streams alike.
#pragma once

#include <optional>
#include <vector>

#include "adapter/api_oip/infer_message.h"
#include "adapter/api_oip/infer_reply.h"
#include "adapter/api_oip/infer_request.h"
#include "adapter/codec/arena.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// Of tensors that come as they are no byte is looked at; a list of numbers takes time, and a long one is read on a
// worker. So is a message that begins with very many fields: of those only the first are looked at here.
bool is_long_list(ByteSpan message);

// Reused; one thread. Borrows the message until clear().
class InferQuestion {
 public:
  static constexpr Bytes kKeptArena = kibibytes(256);  // more counts against the memory for requests

  // What to submit. `limit`: the time the call itself allows, besides what the message says; `received_at` none:
  // now. Errors as InferMessage::read; the id is known then, if the message had one.
  Result<ports::PredictRequest> read(ByteSpan message, std::optional<Duration> limit,
                                     std::optional<TimePoint> received_at);
  // The answer's size; then append_answer() writes exactly so much. The error of an output that cannot be shown.
  Result<std::size_t> prepare_answer(const ports::Prediction& prediction);
  void append_answer(std::string& out, const ports::ServedModel& served) const {
    reply_.append_message(out, request_, served);
  }
  std::string_view id() const { return request_.id().value_or(std::string_view()); }
  codec::Arena& arena() { return arena_; }
  void clear();

 private:
  codec::Arena arena_{kKeptArena};
  InferMessage message_;
  InferRequest request_;
  InferReply reply_;
  std::vector<ports::RequestedOutput> outputs_;
};

}  // namespace slipway::api_oip
