// AccessGate: answers the server's three questions about a request: who asks, may he, and is the Host header ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/server.h"
#include "service/registry/token_table.h"

namespace slipway::api_access {

// Any thread; never blocks: tokens come from the registry's snapshot.
class AccessGate final : public net::Gate {
 public:
  // `hosts`: names accepted besides loopback and the names listened on; "*" accepts any.
  AccessGate(const registry::TokenTable& tokens, const Clock& clock, access::AnonymousPolicy policy,
             std::vector<std::string> hosts);

  Result<access::Principal> authenticate(std::string_view bearer, bool from_loopback) const override;
  bool allows(const access::Principal& principal, access::Permission permission) const override;
  bool accepts_host(std::string_view host) const override;

 private:
  const registry::TokenTable& tokens_;
  const Clock& clock_;
  const access::AnonymousPolicy policy_;
  const std::vector<std::string> hosts_;
};

}  // namespace slipway::api_access
