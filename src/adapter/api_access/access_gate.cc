#include "adapter/api_access/access_gate.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::api_access {
namespace {

// "name:port" without the port; "[::1]:80" keeps its brackets.
std::string_view host_without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, std::min(host.find(']') + 1, host.size()));
  return host.substr(0, host.find(':'));
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// A browser can be made to send a name that resolves to us, but not an address that is not ours: numbers are safe.
bool is_loopback_name(std::string_view host) {
  return equal_ignoring_case(host, "localhost") || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace

Result<std::pair<std::string, access::Role>> parse_identity(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  const std::string_view name = text.substr(0, equals);
  const bool is_name = name.size() > 4 && (name.starts_with("uri:") || name.starts_with("dns:"));
  const auto role = equals == std::string_view::npos ? std::nullopt : access::parse_role(text.substr(equals + 1));
  if (is_name && role) return std::pair(std::string(name), *role);
  return invalid_input(
      "expected uri:NAME=ROLE or dns:NAME=ROLE with one of the roles viewer, predictor, operator, "
      "approver and admin, found \"" +
      printable(text) + "\"");
}

AccessGate::AccessGate(const registry::TokenTable& tokens, const Clock& clock, access::AnonymousPolicy policy,
                       std::vector<std::string> hosts, CertificateIdentities identities, registry::Refusals* refusals)
    : tokens_(tokens),
      clock_(clock),
      policy_(policy),
      hosts_(std::move(hosts)),
      identities_(std::move(identities)),
      refusals_(refusals) {}

Result<access::Principal> AccessGate::authenticate(std::string_view bearer, bool from_loopback) const {
  if (bearer.empty()) return access::Principal{"anonymous", std::nullopt, from_loopback};
  return tokens_.authenticate(bearer, clock_.wall_now(), from_loopback);
}

Result<access::Principal> AccessGate::identify(std::span<const std::string> names, bool from_loopback) const {
  std::string found;
  for (const std::string& name : names) {
    if (const auto known = identities_.find(name); known != identities_.end()) {
      return access::Principal{known->first, known->second, from_loopback};
    }
    found += (found.empty() ? "" : ", ") + printable(name);
  }
  return denied("the client certificate is for " + (found.empty() ? "no URI or DNS name" : found) +
                ": none that tls_identities knows");
}

bool AccessGate::allows(const access::Principal& principal, access::Permission permission) const {
  return access::is_allowed(principal, permission, policy_);
}

bool AccessGate::accepts_host(std::string_view host) const {
  const std::string_view name = host_without_port(host);
  if (is_loopback_name(name)) return true;
  return std::ranges::any_of(
      hosts_, [&](const std::string& accepted) { return accepted == "*" || equal_ignoring_case(accepted, name); });
}

void AccessGate::note(const net::TurnedAway& who) const {
  if (!refusals_) return;
  const std::string what = std::string(net::name_of(who.method)) + " " + std::string(who.path);
  refusals_->note({who.principal, "", what, who.why.message}, clock_.wall_now());
}

}  // namespace slipway::api_access
