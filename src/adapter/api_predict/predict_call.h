// PredictCall: one plain prediction on its way through a lane, in as many executions as its rows need.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/api_predict/row_builder.h"
#include "adapter/api_predict/row_parts.h"
#include "adapter/codec/arena.h"
#include "adapter/net/exchange.h"
#include "ports/predictor.h"

namespace slipway::api_predict {

// One event loop's thread, but a long text is read on a worker. Owns itself from start() until its exchange is answered
// or its peer has left. All rows go to
// the version that the request was assigned to, and have one deadline. The first part that fails fails the request.
class PredictCall final : public net::Abandonment {
 public:
  static void start(net::Exchange& exchange, ports::Predictor& predictor);

  void abandoned() noexcept override;

 private:
  // Rows that share an execution; its place is used again for later rows.
  struct Part final : ports::Completion {
    enum class State : std::uint8_t { Free, Asked, Postponed, Answered };
    void answered(const ports::Prediction& prediction) noexcept override { call->part_answered(*this, prediction); }
    void failed(const Error& error) noexcept override { call->part_failed(*this, error); }

    PredictCall* call = nullptr;
    State state = State::Free;
    std::uint64_t rows = 0;
    std::vector<tensor::TensorView> inputs;
    std::string text;  // of its rows' predictions
  };
  static constexpr std::size_t kPartsAtOnce = 4;  // enough for several execution threads, few enough to be fair

  PredictCall(net::Exchange& exchange, ports::Lane& lane);
  Result<void> assign();
  Result<void> read_rows();
  static void read_aside(std::unique_ptr<PredictCall> call);
  static void go_on(std::unique_ptr<PredictCall> call, const Result<void>& read);
  Result<void> hold_memory();
  void part_answered(Part& part, const ports::Prediction& prediction);
  void part_failed(Part& part, const Error& error);
  void collect();
  void proceed();
  bool retry_postponed();
  void ask(Part& part);
  void withdraw();

  net::Exchange& exchange_;
  ports::Lane& lane_;
  codec::Arena arena_;
  const bool is_csv_;
  const ByteSpan body_;
  std::string model_;
  std::optional<model::VersionNumber> version_;
  ports::Assignment assigned_;  // the plan borrows its signature
  std::optional<tensor::RowPlan> plan_;
  std::optional<RowBuilder> rows_;
  std::optional<RowParts> left_;
  std::array<Part, kPartsAtOnce> parts_;
  std::uint64_t taken_ = 0;      // parts; number n lies in parts_[n % kPartsAtOnce]
  std::uint64_t collected_ = 0;  // parts whose text is in text_
  std::size_t asked_ = 0;        // parts that the lane has
  bool proceeding_ = false;      // completions are told inside submit(): they leave the rest to proceed()
  std::string text_;
  std::uint64_t held_ = 0;  // bytes, as last counted
  std::optional<Error> error_;
  Result<void> read_;                              // what came of it on a worker
  bool is_aside_ = false, was_abandoned_ = false;  // aside: a worker reads the rows, nothing else may touch them
};

}  // namespace slipway::api_predict
