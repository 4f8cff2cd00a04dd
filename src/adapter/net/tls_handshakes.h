// TlsHandshakes: those of one loop that hold OpenSSL's state and are not done.
#pragma once

#include <cstddef>
#include <list>
#include <optional>

#include "base/clock.h"

namespace slipway::net {

class TlsStream;

// One loop's thread. A handshake costs its peer one packet and the server some 50 KiB until its deadline. One above
// kMost takes the place of the one that began first if that has lasted kSlow, which nobody needs who goes on with it;
// else it is not begun, so that many who come at once do not take each other's places before any of them is done.
class TlsHandshakes {
 public:
  struct Handshake {
    TlsStream* stream;
    TimePoint since;
  };
  using Place = std::list<Handshake>::iterator;
  static constexpr std::size_t kMost = 1'024;
  static constexpr Duration kSlow = std::chrono::seconds(1);

  explicit TlsHandshakes(const TimePoint& now) : now_(now) {}  // now: the loop's
  // None: too many are going on.
  std::optional<Place> begin(TlsStream& stream);
  void end(Place place) { begun_.erase(place); }
  std::size_t count() const { return begun_.size(); }

 private:
  const TimePoint& now_;
  std::list<Handshake> begun_;  // in that order
};

}  // namespace slipway::net
