#include "adapter/net/tls_hello.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace slipway::net {

bool has_whole_hello(ByteSpan bytes) {
  constexpr std::size_t kRecordHead = 5, kMessageHead = 4, kLongest = 16 << 10;
  constexpr std::size_t kHandshake = 22, kClientHello = 1;
  const auto at = [&](std::size_t place) { return std::to_integer<std::size_t>(bytes[place]); };
  std::array<std::size_t, kMessageHead> head{};
  std::size_t message = 0;  // bytes of it that came
  for (std::size_t place = 0; bytes.size() - place >= kRecordHead;) {
    const std::size_t length = (at(place + 3) << 8U) | at(place + 4);
    if (at(place) != kHandshake || length == 0) return true;
    place += kRecordHead;
    const std::size_t came = std::min(length, bytes.size() - place);
    for (std::size_t i = 0; i < came && message + i < kMessageHead; ++i) head[message + i] = at(place + i);
    message += came;
    if (message >= kMessageHead) {
      const std::size_t body = (head[1] << 16U) | (head[2] << 8U) | head[3];
      if (head[0] != kClientHello || message >= kMessageHead + body) return true;
    }
    if (came < length) break;
    place += length;
  }
  return bytes.size() > kLongest || (!bytes.empty() && at(0) != kHandshake);
}

}  // namespace slipway::net
