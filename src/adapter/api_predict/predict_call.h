// PredictCall: one plain prediction on its way through a lane.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/api_predict/row_builder.h"
#include "adapter/codec/arena.h"
#include "adapter/net/exchange.h"
#include "ports/predictor.h"

namespace slipway::api_predict {

// One event loop's thread. Owns itself from start() until its exchange is answered or its peer has left.
class PredictCall final : public ports::Completion, public net::Abandonment {
 public:
  static void start(net::Exchange& exchange, ports::Predictor& predictor);

  void answered(const ports::Prediction& prediction) noexcept override;
  void failed(const Error& error) noexcept override;
  void abandoned() noexcept override;

 private:
  PredictCall(net::Exchange& exchange, ports::Lane& lane) : exchange_(exchange), lane_(lane) {}
  Result<void> read(const ports::Predictor& predictor);

  net::Exchange& exchange_;
  ports::Lane& lane_;
  codec::Arena arena_;
  std::string model_;
  std::optional<model::VersionNumber> version_;
  std::shared_ptr<const ports::ServedModel> served_;  // the plan borrows its signature
  std::optional<RowPlan> plan_;
  std::optional<RowBuilder> rows_;
  std::vector<tensor::TensorView> inputs_;
};

}  // namespace slipway::api_predict
