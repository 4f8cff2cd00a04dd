// The part of the Registry that gives out tokens and takes them back.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "service/registry/registry_state.h"
#include "service/registry/token_table.h"

namespace slipway::registry {
namespace {

constexpr std::size_t kLongestTokenName = 64;
constexpr std::size_t kMostTokens = 10'000;
constexpr Duration kLongestLifetime = std::chrono::hours(24 * 366 * 100);

Result<void> check_token_name(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= kLongestTokenName && is_valid_utf8(name) && !has_control_characters(name);
  if (good) return {};
  return invalid_input("expected a token name of 1 to " + std::to_string(kLongestTokenName) +
                       " bytes that print, found \"" + printable(name) + "\"");
}

std::string make_token_id() {
  std::array<std::byte, 8> random{};
  fill_random(random);
  return "tok_" + to_hex(random);
}

Registry::NewToken make_token(std::string_view name, access::Role role, WallTime now) {
  Registry::NewToken token{.record = {.id = make_token_id(),
                                      .name = std::string(name),
                                      .hash = {},
                                      .role = role,
                                      .created_at = now,
                                      .expires_at = {}},
                           .secret = make_secret()};
  token.record.hash = hash_of_secret(token.secret);
  return token;
}

}  // namespace

Result<void> Registry::State::add(const ports::TokenRecord& token, const Author& author) const {
  model::Event added = event(author, "token", "", "token " + token.name);
  added.to = name_of(token.role);
  // The only conflict there can be is the name: identifier and secret are random.
  TRY(commit(author, {{token, 0}}, {added}));
  if (parts.tokens_changed) parts.tokens_changed();
  return {};
}

Result<Registry::NewToken> Registry::create_token(std::string_view name, access::Role role,
                                                  std::optional<Duration> lifetime, const Author& author,
                                                  access::Scope scope) {
  TRY(check(author));
  TRY(check_token_name(name));
  if (lifetime && (*lifetime <= Duration::zero() || *lifetime > kLongestLifetime)) {
    return invalid_input("expected a token lifetime of more than nothing and at most 100 years");
  }
  const auto tokens = TRY(parts_.metadata.tokens());
  if (tokens.size() >= kMostTokens) {
    return overloaded("there are " + std::to_string(tokens.size()) + " tokens already: revoke some first");
  }
  NewToken token = make_token(name, role, parts_.clock.wall_now());
  token.record.scope = std::move(scope);
  if (lifetime) {
    token.record.expires_at = token.record.created_at + std::chrono::duration_cast<WallTime::duration>(*lifetime);
  }
  TRY(state_->add(token.record, author));
  return token;
}

Result<void> Registry::ensure_admin_token(const std::function<Result<void>(const std::string& secret)>& keep) {
  const auto tokens = TRY(parts_.metadata.tokens());
  const WallTime now = parts_.clock.wall_now();
  const auto opens_as_admin = [&](const ports::TokenRecord& token) {
    return token.role == access::Role::Admin && token.scope.is_empty() &&
           (!token.expires_at || *token.expires_at > now);
  };
  if (std::ranges::any_of(tokens, opens_as_admin, &ports::Stored<ports::TokenRecord>::record)) return {};
  std::string name = "admin";
  const auto is_taken = [&](const auto& stored) { return stored.record.name == name; };
  for (int count = 2; std::ranges::any_of(tokens, is_taken); ++count) name = "admin-" + std::to_string(count);
  const NewToken token = make_token(name, access::Role::Admin, now);
  TRY(keep(token.secret));
  return state_->add(token.record, {"slipway", "there was no admin token"});
}

Result<std::vector<ports::TokenRecord>> Registry::tokens() {
  std::vector<ports::TokenRecord> records;
  for (auto& stored : TRY(parts_.metadata.tokens())) records.push_back(std::move(stored.record));
  return records;
}

Result<void> Registry::revoke_token(std::string_view id_or_name, const Author& author) {
  TRY(check(author));
  for (const auto& [record, revision] : TRY(parts_.metadata.tokens())) {
    if (record.id != id_or_name && record.name != id_or_name) continue;
    model::Event event = state_->event(author, "token", "", "token " + record.name);
    event.from = name_of(record.role);
    TRY(state_->commit(author, {{record, revision, true}}, {event}));
    if (parts_.tokens_changed) parts_.tokens_changed();
    return {};
  }
  return not_found("there is no token \"" + printable(id_or_name) + "\"");
}

}  // namespace slipway::registry
