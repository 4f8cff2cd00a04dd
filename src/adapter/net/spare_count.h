// SpareCount: how many spares of a pool lay unused for a while: what a crowd left, and nobody needs now.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

namespace slipway::net {

// A value, beside its pool; one thread.
class SpareCount {
 public:
  void taken(std::size_t left) { least_ = std::min(least_, left); }
  void begin(std::size_t spares) { least_ = spares; }
  // Of `spares`, those that nobody took since begin(), but for `kept`.
  std::size_t unused(std::size_t spares, std::size_t kept) const {
    const std::size_t most = spares - std::min(spares, kept);
    return std::min(least_, most);
  }

 private:
  std::size_t least_ = 0;
};

}  // namespace slipway::net
