// Requests that two parsers could read differently; RFC 9112 lets a server refuse each of them.
#pragma once

#include <string>
#include <vector>

namespace slipway::wire {

struct SmugglingVector {
  const char* name;
  std::string bytes;
  int status;  // of the refusal
};

// For a server with POST /echo and GET /hello that answers for the hosts of TestGate.
std::vector<SmugglingVector> smuggling_vectors();

}  // namespace slipway::wire
