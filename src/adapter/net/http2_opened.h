// OpenedStreams: which ids of a connection's streams its peer has opened.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace slipway::net {

// A value per connection; remembers the last 1,024 ids. Those that were passed over are closed, too (RFC 9113, 5.1.1),
// but a peer that uses one later breaks a rule, where late frames of a stream that was reset do not.
class OpenedStreams {
 public:
  void note(std::int32_t id) {
    if (id - last_ > kSpan) {
      opened_.reset();
    } else {
      for (std::int32_t between = last_ + 2; between < id; between += 2) opened_.reset(slot(between));
    }
    opened_.set(slot(id));
    last_ = id;
  }
  bool was_passed_over(std::int32_t id) const {
    return id % 2 == 1 && id < last_ && last_ - id < kSpan && !opened_.test(slot(id));
  }

 private:
  static constexpr std::size_t kRemembered = 1024;
  static constexpr std::int32_t kSpan = 2 * kRemembered;
  static std::size_t slot(std::int32_t id) { return static_cast<std::size_t>(id / 2) % kRemembered; }
  std::bitset<kRemembered> opened_;
  std::int32_t last_ = 0;
};

}  // namespace slipway::net
