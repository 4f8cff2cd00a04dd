#include "service/registry/token_table.h"

#include <array>

namespace slipway::registry {
namespace {
constexpr std::string_view kSecretPrefix = "slw_";
constexpr std::size_t kSecretLength = 4 + 64;
}  // namespace

TokenTable::TokenTable(ports::MetadataStore& metadata) : metadata_(metadata), table_(std::make_shared<const Table>()) {}

Result<void> TokenTable::refresh() {
  // One at a time: of two readings the later one must be published last, or a revoked token would come back.
  const auto reading = reading_.lock();
  auto table = std::make_shared<Table>();
  for (const auto& [token, revision] : TRY(metadata_.tokens())) {
    auto scope = token.scope.is_empty() ? nullptr : std::make_shared<const access::Scope>(token.scope);
    table->holders.emplace(token.hash, Holder{token.name, token.role, token.expires_at, std::move(scope)});
  }
  table_.publish(std::move(table));
  return {};
}

Result<access::Principal> TokenTable::authenticate(std::string_view secret, WallTime now, bool from_loopback) const {
  if (secret.size() != kSecretLength || !secret.starts_with(kSecretPrefix)) {
    return denied("expected a token of the form slw_ and 64 hexadecimal digits, found something else");
  }
  const auto table = table_.current();
  const auto holder = table->holders.find(hash_of_secret(secret));
  if (holder == table->holders.end()) return denied("the token is not known here, or it was revoked");
  if (holder->second.expires_at && now >= *holder->second.expires_at) {
    return denied("the token \"" + holder->second.name + "\" expired at " + to_rfc3339(*holder->second.expires_at));
  }
  return access::Principal{holder->second.name, holder->second.role, from_loopback, holder->second.scope};
}

std::size_t TokenTable::size() const {
  return table_.current()->holders.size();
}

std::string make_secret() {
  std::array<std::byte, 32> random{};
  fill_random(random);
  return std::string(kSecretPrefix) + to_hex(random);
}

Digest hash_of_secret(std::string_view secret) {
  return sha256(as_bytes(secret));
}

}  // namespace slipway::registry
