// AccessGate: answers the server's three questions about a request: who asks, may he, and is the Host header ours.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/net/server.h"
#include "service/registry/refusals.h"
#include "service/registry/token_table.h"

namespace slipway::api_access {

// "uri:spiffe://corp/ci" or "dns:ci.example.com", exactly as it stands in the certificate's subject alternative names.
using CertificateIdentities = std::map<std::string, access::Role, std::less<>>;

// One of "NAME=ROLE". InvalidInput says what was expected and found.
Result<std::pair<std::string, access::Role>> parse_identity(std::string_view text);

// Any thread; never blocks: tokens come from the registry's snapshot.
class AccessGate final : public net::Gate {
 public:
  // `hosts`: names accepted besides loopback and the names listened on; "*" accepts any. `identities`: what the names
  // in client certificates may do. `refusals`: where requests that are not let through are noted; may be null.
  AccessGate(const registry::TokenTable& tokens, const Clock& clock, access::AnonymousPolicy policy,
             std::vector<std::string> hosts, CertificateIdentities identities = {},
             registry::Refusals* refusals = nullptr);

  Result<access::Principal> authenticate(std::string_view bearer, bool from_loopback) const override;
  Result<access::Principal> identify(std::span<const std::string> names, bool from_loopback) const override;
  bool allows(const access::Principal& principal, access::Permission permission) const override;
  bool accepts_host(std::string_view host) const override;
  void note(const net::TurnedAway& who) const override;

 private:
  const registry::TokenTable& tokens_;
  const Clock& clock_;
  const access::AnonymousPolicy policy_;
  const std::vector<std::string> hosts_;
  const CertificateIdentities identities_;
  registry::Refusals* const refusals_;
};

}  // namespace slipway::api_access
