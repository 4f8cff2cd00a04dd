// SizeBound: how large a row may be to be executed on a loop, for versions whose rows differ in size.
#pragma once

#include <algorithm>
#include <cstdint>

#include "domain/batching/batch_plan.h"

namespace slipway::batching {

// What a row costs tells nothing about a row a thousand times as large: attention grows with the square of a text's
// length. So a row belongs on a loop only while it is at most kGrowth times as large as one that was seen to take no
// more than a tick's budget; larger ones are seen in the queue first. A value; one thread.
class SizeBound {
 public:
  static constexpr std::uint64_t kGrowth = 4;

  // bytes: of a row's inputs.
  bool admits(std::uint64_t bytes) const { return bytes / kGrowth <= proven_; }

  // took: a row's part of the execution.
  void observe(std::uint64_t bytes, Duration took) {
    if (took <= kTickBudget) {
      proven_ = std::max(proven_, bytes);
    } else if (bytes <= proven_) {
      proven_ = bytes / 2;  // one that was only interrupted is still admitted, and proves itself again
    }
  }

 private:
  std::uint64_t proven_ = 0;
};

}  // namespace slipway::batching
