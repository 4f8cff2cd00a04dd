// Connection: one peer of a loop, whichever protocol it speaks, as the loop drives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapter/net/address_limit.h"
#include "adapter/net/byte_stream.h"
#include "base/clock.h"

namespace slipway::net {

class TlsEndpoint;

struct Peer {
  bool is_loopback = false;
  std::string name;  // "127.0.0.1:50712" or "unix"
  AddressKey key = AddressKey::Nobody;
  const TlsEndpoint* tls = nullptr;                           // of its listener; none: plain
  std::optional<std::vector<std::string>> certificate_names;  // none: it has shown no certificate
  std::string accepted_host;  // the Host it was last found to be right to ask for: each is looked up once
};

// Owned by its loop and recycled for the next peer; the loop's thread only. A connection that wants to be called again
// in this tick puts itself into one of its Station's lists.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual void on_ready(bool is_readable, bool is_writable, bool has_hung_up) = 0;
  virtual void resume() = 0;               // was in Station::resumed
  virtual void flush() = 0;                // was in Station::dirty: sends once
  virtual void leave_if_unanswered() = 0;  // was in Station::leaving
  virtual void on_alarm(TimePoint at) = 0;
  virtual void begin_drain() = 0;
  // Puts itself into Station::closed. What a handler still holds stays until it answers; then it is listed again.
  virtual void close() = 0;
  virtual bool can_be_recycled() const = 0;
  virtual void recycle() = 0;

  // Changes when the peer does; alarms set for another generation mean nothing.
  std::uint64_t generation() const { return generation_; }
  std::size_t seat = 0;  // the loop's own: which of its sockets this is

 protected:
  std::uint64_t generation_ = 1;
};

}  // namespace slipway::net
