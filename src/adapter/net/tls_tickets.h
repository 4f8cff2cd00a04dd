// TicketKeys: what session tickets are sealed with, so that a returning client skips most of the handshake.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/snapshot.h"

struct ssl_ctx_st;

namespace slipway::net {

// Random, never stored: a restart ends all sessions. A key seals for kLife and opens for as long again, so what it
// protected cannot be opened for longer than a day. rotate(): one thread; the rest: any.
class TicketKeys {
 public:
  static constexpr Duration kLife = std::chrono::hours(12);

  explicit TicketKeys(TimePoint now);
  void rotate(TimePoint now);
  // `context` seals and opens its tickets with these. Requires: they outlive it.
  void attach(ssl_ctx_st* context);

  struct Key {
    std::array<std::uint8_t, 16> name;
    std::array<std::uint8_t, 32> cipher, mac;
  };
  struct Pair {
    Key current, previous;
  };
  Snapshot<Pair>::Pointer pair() const { return keys_.current(); }

 private:
  static Key fresh();
  Snapshot<Pair> keys_;
  TimePoint since_;
};

}  // namespace slipway::net
