// Http2Share: how much of what a busy connection of HTTP/2 sends is read in one tick.
#pragma once

#include <algorithm>
#include <cstddef>

namespace slipway::net {

// A value per connection. Of many small requests that come together a tick takes so many as are well worth it: while
// these are answered, the peer can send others. Taking all of them would let the peer and the loop fall into step, each
// sleeping while the other works. What is longer is read as it comes.
class Http2Share {
 public:
  static constexpr std::size_t kRequests = 32;  // of a tick
  static constexpr std::size_t kLeastBytes = 4 << 10;
  static constexpr std::size_t kRemembered = 256;  // requests; then all counts are halved

  void read(std::size_t bytes) { bytes_ += bytes; }
  void request() {
    if (++requests_ < kRemembered) return;
    requests_ /= 2;
    bytes_ /= 2;
  }
  // Bytes to read in one tick, at most `most`.
  std::size_t room(std::size_t most) const {
    if (requests_ < kRequests) return most;
    return std::clamp(bytes_ / requests_ * kRequests, std::min(kLeastBytes, most), most);
  }

 private:
  std::size_t bytes_ = 0, requests_ = 0;
};

}  // namespace slipway::net
