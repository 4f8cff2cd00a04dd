// The answer to an infer request: outputs as JSON, as raw bytes behind a JSON header, or as classes.
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

 private:
  struct Shown {
    tensor::TensorView view;
    bool binary;
  };
  Result<void> choose(const InferRequest& request, const ports::Prediction& prediction, codec::Arena& arena);
  void append_json(std::string& out, const InferRequest& request, const ports::ServedModel& served) const;

  std::vector<Shown> shown_;
  std::string header_;  // the JSON before binary outputs: its length goes into an HTTP header first
};

}  // namespace slipway::api_oip
