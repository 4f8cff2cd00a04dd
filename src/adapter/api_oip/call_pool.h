// CallPool: the idle calls of one event loop, kept so that a steady stream of requests allocates nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "ports/predictor.h"

namespace slipway::api_oip {

// That loop's thread only. Call: constructed from (Predictor&, CallPool&), owned by itself from take() until it gives
// itself back. Requires: every call has ended when the pool is destroyed.
template <class Call>
class CallPool {
 public:
  explicit CallPool(ports::Predictor& predictor) : predictor_(predictor) {}

  Call& take() {
    if (idle_.empty()) return *new Call(predictor_, *this);
    Call& call = *idle_.back().release();
    idle_.pop_back();
    return call;
  }
  void give_back(Call& call) {
    std::unique_ptr<Call> returned(&call);
    if (idle_.size() < kKept) idle_.push_back(std::move(returned));
  }

 private:
  static constexpr std::size_t kKept = 256;  // more than ever wait for one tick; bursts above it are freed
  ports::Predictor& predictor_;
  std::vector<std::unique_ptr<Call>> idle_;
};

}  // namespace slipway::api_oip
