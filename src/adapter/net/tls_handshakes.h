// TlsHandshakes: those of one loop that hold OpenSSL's state and are not done.
#pragma once

#include <cstddef>
#include <list>

namespace slipway::net {

class TlsStream;

// One loop's thread. A handshake costs its peer one packet and the server some 50 KiB until its deadline; one above
// kMost makes the one that began first give up, which a peer that goes on is done with long before.
class TlsHandshakes {
 public:
  using Place = std::list<TlsStream*>::iterator;
  static constexpr std::size_t kMost = 1'024;

  Place begin(TlsStream& stream);
  void end(Place place) { begun_.erase(place); }
  std::size_t count() const { return begun_.size(); }

 private:
  std::list<TlsStream*> begun_;  // in that order
};

}  // namespace slipway::net
