// InferStream: one call of ModelStreamInfer: questions as they come, answers in their order.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "adapter/api_oip/infer_question.h"
#include "adapter/net/grpc_stream.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// One event loop's thread. A refusal is an answer in band, with the question's id; or it ends the stream, where the
// client asked so (metadata triton_grpc_error: true). Reads no more than kMostWaiting questions ahead of its answers.
// When the server stops, what was read is answered, then the stream ends as Unavailable.
class InferStream final : public net::GrpcStreamMethod, public std::enable_shared_from_this<InferStream> {
 public:
  static constexpr std::size_t kMostWaiting = 64;

  InferStream(ports::Predictor& predictor, net::GrpcStream& stream);
  ~InferStream() override;

  void message(ByteSpan message) override;
  void half_closed() override;
  void drained() override { pace(); }
  void server_stops() override;
  void abandoned() noexcept override;

 private:
  class Slot;
  void read_apart(Slot& slot, ByteSpan message);
  void back_from_apart(Slot& slot);
  void submit(Slot& slot, const Result<ports::PredictRequest>& request);
  std::unique_ptr<Slot> take_slot();
  void answered(Slot& slot, const ports::Prediction& prediction);
  void refused(Slot& slot, const Error& error);
  // Where the answer of `slot` is written: on the stream if all before it are answered, else beside it.
  std::string& open(Slot& slot, std::size_t size);
  void close(Slot& slot);
  void end(const Error& error);
  void pace();
  bool count(Slot& slot, std::size_t bytes);

  net::GrpcStream* stream_;  // none: ended, and what is asked already is dropped as it comes
  ports::Lane& lane_;
  bool ends_on_error_;
  bool is_half_closed_ = false;
  bool is_paused_ = false;
  bool is_stopping_ = false;
  std::size_t held_ = 0;                       // bytes of the questions that wait
  std::deque<std::unique_ptr<Slot>> waiting_;  // in the order asked
  std::vector<std::unique_ptr<Slot>> idle_;
  std::vector<std::unique_ptr<Slot>> left_;  // that a worker still reads, of a stream that was abandoned
  std::shared_ptr<InferStream> alive_;       // set when the stream has ended before its questions
};

}  // namespace slipway::api_oip
