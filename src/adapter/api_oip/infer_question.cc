#include "adapter/api_oip/infer_question.h"

#include "adapter/net/exchange.h"
#include "adapter/protobuf_wire/wire_reader.h"

#include <algorithm>

namespace slipway::api_oip {

bool is_long_list(ByteSpan message) {
  constexpr std::uint32_t kRawInputContents = 7;  // of ModelInferRequest
  constexpr std::size_t kMostLookedAt = 1'000;    // fields
  if (message.size() <= net::kLongestTextOnLoop) return false;
  protobuf_wire::WireReader reader(message);
  std::size_t looked_at = 0;
  for (protobuf_wire::WireField field; looked_at < kMostLookedAt && reader.next(field); ++looked_at) {
    if (field.number == kRawInputContents) return false;
  }
  return true;
}

Result<ports::PredictRequest> InferQuestion::read(ByteSpan message, std::optional<Duration> limit,
                                                  std::optional<TimePoint> received_at) {
  outputs_.clear();
  TRY(message_.read(message, request_, arena_));
  for (const OutputWish& wish : request_.outputs()) outputs_.push_back({wish.name});
  std::optional<Duration> timeout = request_.timeout();
  if (limit) timeout = std::min(*limit, timeout.value_or(*limit));
  return ports::PredictRequest{.model = message_.model(),
                               .version = message_.version(),
                               .numbering = ports::Numbering::Protocol,
                               .inputs = request_.inputs(),
                               .outputs = outputs_,
                               .timeout = timeout,
                               .received_at = received_at,
                               .traffic = ports::Traffic::Live,
                               .priority = request_.priority(),
                               .unit_key = {},
                               .unit_parameter = request_.unit(),
                               .caller = nullptr,
                               .request_id = {},
                               .protocol = "grpc"};
}

Result<std::size_t> InferQuestion::prepare_answer(const ports::Prediction& prediction) {
  const auto mark = message_.wants_final_mark() ? InferReply::FinalMark::Set : InferReply::FinalMark::None;
  TRY(reply_.prepare_message(request_, prediction, arena_, mark));
  return reply_.message_size();
}

void InferQuestion::clear() {
  request_.clear();
  outputs_.clear();
  arena_.reset();
}

}  // namespace slipway::api_oip
