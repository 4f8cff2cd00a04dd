// OpenGate: lets everybody do everything; for tests and measurements of what is behind the gate.
#pragma once

#include "adapter/net/server.h"

namespace slipway::net {

class OpenGate final : public Gate {
 public:
  Result<access::Principal> authenticate(std::string_view, bool from_loopback) const override {
    return access::Principal{"anonymous", std::nullopt, from_loopback};
  }
  bool allows(const access::Principal&, access::Permission) const override { return true; }
  bool accepts_host(std::string_view) const override { return true; }
};

}  // namespace slipway::net
