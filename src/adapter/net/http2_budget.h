// Http2Budget: what a peer may make a connection of HTTP/2 do without asking anything useful of it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace slipway::net {

// A value per connection. Frames that cost their sender nothing (SETTINGS, PING, WINDOW_UPDATE, PRIORITY, empty DATA,
// faulty ones) are paid from a purse that requests, content and time fill; so are heads that are much longer than what
// was sent of them, because they name fields of the table again and again. Streams that were reset are weighed against
// all: a peer that cancels much of what it asks for is let be, one that cancels most of it, and often, is not.
class Http2Budget {
 public:
  static constexpr std::int64_t kFull = 2000;
  static constexpr std::int64_t kPerSecond = 200;
  static constexpr std::int64_t kPerRequest = 20;
  static constexpr std::int64_t kPerContent = 4;
  static constexpr std::size_t kFairGrowth = 8, kBytesPerCoin = 256;
  static constexpr std::uint32_t kFreeResets = 200;
  static constexpr std::uint32_t kRemembered = 1000;  // streams; then all counts are halved

  explicit Http2Budget(TimePoint now) : filled_at_(now) {}

  void request() { earn(kPerRequest); }
  void content() { earn(kPerContent); }
  // Each is false when the purse is empty.
  bool cheap_frame(TimePoint now) { return pay(1, now); }
  // A peer that names each field of its table (4 KiB) once pays less than the request earns.
  bool head_read(std::size_t sent, std::size_t read, TimePoint now) {
    return read <= sent * kFairGrowth || pay((read - sent * kFairGrowth) / kBytesPerCoin, now);
  }
  // Frames that nobody is told of, such as late ones of streams that are over.
  bool passed_over(std::size_t kibibytes, TimePoint now) { return pay(kibibytes, now); }
  // Either side's resets count: a peer can have streams reset by breaking a rule on each. False: too many.
  bool stream_ended(bool was_reset) {
    ++streams_;
    if (was_reset) ++resets_;
    if (resets_ > kFreeResets && resets_ * 2 > streams_) return false;
    if (streams_ >= kRemembered) {
      streams_ /= 2;
      resets_ /= 2;
    }
    return true;
  }

 private:
  bool pay(std::size_t coins, TimePoint now) {
    purse_ -= static_cast<std::int64_t>(coins);
    if (purse_ > 0) return true;
    const std::int64_t earned =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - filled_at_).count() * kPerSecond / 1000;
    if (earned > 0) {
      filled_at_ = now;
      earn(earned);
    }
    return purse_ > 0;
  }
  void earn(std::int64_t amount) { purse_ = std::min(purse_ + amount, kFull); }

  std::int64_t purse_ = kFull;
  TimePoint filled_at_;
  std::uint32_t streams_ = 0, resets_ = 0;
};

}  // namespace slipway::net
