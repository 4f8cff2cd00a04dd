// AddressLimit: how many connections each peer address holds, so that one of them cannot take every place there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/guarded.h"

struct sockaddr;

namespace slipway::net {

// Who is counted together: an IPv4 address, or the first 64 bits of an IPv6 one, which is what one subscriber has.
// Loopback and UNIX sockets are nobody: what runs on this machine is bounded by the limit of the process alone.
enum class AddressKey : std::uint64_t { Nobody = 0 };
AddressKey key_of(const sockaddr& address);

// Any thread; asked when a connection begins and ends, never per request.
class AddressLimit {
 public:
  explicit AddressLimit(std::size_t most) : most_(most) {}  // 0: no limit
  // False: this address holds as many as it may. Otherwise leave() follows once.
  bool enter(AddressKey key);
  void leave(AddressKey key);

 private:
  const std::size_t most_;
  Guarded<std::unordered_map<AddressKey, std::size_t>> held_;
};

}  // namespace slipway::net
