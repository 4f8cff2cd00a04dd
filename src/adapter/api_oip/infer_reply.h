// The answer to an infer request: outputs as JSON, as raw bytes behind a JSON header, or as classes; or all of it as a
// ModelInferResponse of the gRPC protocol.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/api_oip/infer_request.h"
#include "adapter/codec/arena.h"
#include "adapter/net/exchange.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// Reused from answer to answer so that a steady stream allocates nothing. One thread.
class InferReply {
 public:
  // Answers `exchange` with 200, or with the error of an output that cannot be shown as it was asked for.
  void send(net::Exchange& exchange, const InferRequest& request, const ports::Prediction& prediction,
            codec::Arena& arena);

  // The same in steps, for what is long to write: the error of an output that cannot be shown as it was asked for; is
  // it long; then begin(), which copies into `arena` what goes away with `prediction`, or is none of this call's;
  // write() on another thread; and the answer, which is an error unless write() ended.
  Result<void> choose(const InferRequest& request, const ports::Prediction& prediction, codec::Arena& arena);
  bool is_long() const { return text_size() > net::kLongestTextOnLoop; }
  std::size_t text_size() const;  // of what was chosen, about
  std::size_t data_size() const;
  void begin(const InferRequest& request, const ports::ServedModel& served, codec::Arena& arena);
  void write();
  void send_written(net::Exchange& exchange);
  // What is chosen, at once.
  void send_chosen(net::Exchange& exchange, const InferRequest& request, const ports::ServedModel& served);

  // What follows is a ModelInferResponse. The error of an output that cannot be shown as it was asked for; else
  // append() may be called once, before anything of `prediction` goes away.
  enum class FinalMark : std::uint8_t { None, Set };
  Result<void> prepare_message(const InferRequest& request, const ports::Prediction& prediction, codec::Arena& arena,
                               FinalMark mark);
  std::size_t message_size() const { return message_size_; }
  void append_message(std::string& out, const InferRequest& request, const ports::ServedModel& served) const;

 private:
  struct Shown {
    tensor::TensorView view;
    bool binary;
    std::size_t described = 0;  // bytes of the tensor's own message
  };
  bool has_binary() const;
  void append_head(std::string& out, const InferRequest& request, const ports::ServedModel& served) const;
  void append_outputs(std::string& out) const;
  void send_binary(net::Exchange& exchange);

  std::vector<Shown> shown_;
  std::size_t message_size_ = 0, described_size_ = 0;  // described: all but the raw outputs
  FinalMark mark_ = FinalMark::None;
  std::string header_;  // the JSON before binary outputs: its length goes into an HTTP header first; or a long answer
  bool is_written_ = false;
};

}  // namespace slipway::api_oip
