#include "service/registry/registry_state.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::registry {
namespace {

constexpr std::size_t kLongestText = 2000;

Result<void> check_text(std::string_view what, std::string_view text) {
  if (text.size() > kLongestText) {
    return invalid_input("the " + std::string(what) + ": expected at most " + std::to_string(kLongestText) +
                         " bytes, found " + std::to_string(text.size()));
  }
  if (!is_valid_utf8(text)) return invalid_input("the " + std::string(what) + " is not valid UTF-8");
  return {};
}

// 9000 -> "90", 1250 -> "12.5", 333 -> "3.33"
std::string percent(model::BasisPoints share) {
  std::string text = std::to_string(share.count / 100);
  if (share.count % 100 != 0) {
    text += '.';
    text += static_cast<char>('0' + share.count % 100 / 10);
    if (share.count % 10 != 0) text += static_cast<char>('0' + share.count % 10);
  }
  return text;
}

}  // namespace

bool VerificationTurns::begin(const Key& key) {
  auto running = running_.lock();
  if (running->insert(key).second) return true;
  // Bounded by the probe, which has a timeout of its own.
  ended_.wait(running.lock(), [&] { return !running->contains(key); });
  return false;
}

void VerificationTurns::end(const Key& key) {
  running_.lock()->erase(key);
  ended_.notify_all();
}

bool VerificationTurns::is_running(const Key& key) const {
  return running_.lock()->contains(key);
}

Result<ports::Stored<ports::ModelRecord>> Registry::State::existing(const model::ModelName& name) const {
  auto found = TRY(parts.metadata.model(name));
  if (!found || found->record.removed) return not_found("there is no " + quoted(name));
  return *std::move(found);
}

Result<ports::Stored<model::ModelVersion>> Registry::State::existing(const model::ModelName& name,
                                                                     model::VersionNumber number) const {
  auto found = TRY(parts.metadata.version(name, number));
  if (found) return *std::move(found);
  TRY(existing(name));
  return not_found(quoted(name) + " has no " + text_of(number));
}

Result<std::optional<ports::Stored<model::DesiredServing>>> Registry::State::desired(
    std::string_view environment, const model::ModelName& name) const {
  for (auto& stored : TRY(parts.metadata.desired_of(name))) {
    if (stored.record.environment == environment) return std::optional(std::move(stored));
  }
  return std::optional<ports::Stored<model::DesiredServing>>();
}

Result<std::optional<ports::Stored<ports::AliasRecord>>> Registry::State::alias(const model::ModelName& name,
                                                                                const model::Alias& alias) const {
  for (auto& stored : TRY(parts.metadata.aliases(name))) {
    if (stored.record.alias == alias) return std::optional(std::move(stored));
  }
  return std::optional<ports::Stored<ports::AliasRecord>>();
}

Result<void> Registry::State::commit(const Author& author, std::vector<ports::Change> changes,
                                     const std::vector<model::Event>& events) const {
  if (author.once) changes.push_back({*author.once, 0});
  return parts.metadata.commit(changes, events);
}

Result<bool> Registry::State::try_commit(const Author& author, const std::vector<ports::Change>& changes,
                                         const std::vector<model::Event>& events) const {
  auto committed = commit(author, changes, events);
  if (committed) return true;
  if (committed.error().code != ErrorCode::Conflict) return std::move(committed).error();
  // To try again would not help: the mark stays.
  if (author.once && TRY(parts.metadata.idempotency(author.once->key))) return std::move(committed).error();
  return false;
}

model::Event Registry::State::event(const Author& author, std::string action, const std::string& model,
                                    std::string subject) const {
  return {.at = parts.clock.wall_now(),
          .actor = author.principal,
          .action = std::move(action),
          .model = model,
          .subject = std::move(subject),
          .from = {},
          .to = {},
          .reason = author.reason};
}

void Registry::State::move_alias(const ports::AliasRecord& to,
                                 const std::optional<ports::Stored<ports::AliasRecord>>& current, const Author& author,
                                 std::vector<ports::Change>& changes, std::vector<model::Event>& events) const {
  if (current && current->record.version == to.version) return;
  changes.push_back({to, current ? current->revision : 0});
  model::Event moved = event(author, "alias", to.model.text(), "alias " + to.alias.text());
  if (current) moved.from = text_of(current->record.version);
  moved.to = text_of(to.version);
  events.push_back(std::move(moved));
}

Result<void> Registry::State::check_no_rollout(std::string_view environment, const model::ModelName& name,
                                               const Author& author, WayBack way_back) const {
  if (parts.rollouts == nullptr) return {};
  const auto passes = [&](const Error& error) {
    if (way_back == WayBack::No) return false;
    parts.log.warning("a way back in spite of a rollout that cannot be read",
                      {{"model", name.text()}, {"environment", std::string(environment)}, {"error", error.message}});
    return true;
  };
  const auto open = parts.rollouts->open_places();
  if (!open.ok()) return passes(open.error()) ? Result<void>() : Result<void>(open.error());
  for (const ports::OpenPlace& place : *open) {
    const bool is_here = place.environment == environment && place.model == name.text();
    if (!is_here || author.rollout == place.number) continue;
    // Its own steps are by whoever is first; one that waits for another's end does not count against it.
    if (author.rollout && place.is_queued) continue;
    if (way_back == WayBack::Yes) {
      const auto whole = parts.rollouts->rollout(place.number);
      if (!whole.ok() && passes(whole.error())) continue;  // nobody could abort it
    }
    return conflict("rollout " + std::to_string(place.number) + " of " + quoted(name) + " is open in " +
                    std::string(environment) + ": abort it first, or wait for its end");
  }
  return {};
}

Result<void> Registry::State::check_not_rolled_out(const model::ModelName& name,
                                                   std::optional<model::VersionNumber> number) const {
  if (parts.rollouts == nullptr) return {};
  for (const ports::OpenPlace& place : TRY(parts.rollouts->open_places())) {
    if (place.model != name.text()) continue;
    // Of a broken one nobody knows what it uses.
    const bool uses =
        !number || place.versions.empty() || std::ranges::find(place.versions, *number) != place.versions.end();
    if (!uses) continue;
    return conflict("rollout " + std::to_string(place.number) + " of " + quoted(name) + " is open in " +
                    place.environment + (number ? " and uses " + text_of(*number) : "") +
                    ": abort it first, or wait for its end");
  }
  return {};
}

Result<void> check(const Author& author) {
  TRY(check_text("author", author.principal));
  return check_text("reason", author.reason);
}

Error lost_too_often(const std::string& what) {
  return conflict(what + " was changed by others " + std::to_string(kAttempts) + " times in a row: try again");
}

std::string quoted(const model::ModelName& name) {
  return "model \"" + name.text() + "\"";
}
std::string quoted(const model::Alias& alias) {
  return "alias \"" + alias.text() + "\"";
}
std::string text_of(model::VersionNumber number) {
  return "version " + std::to_string(number);
}

std::string text_of(const model::DesiredServing& serving) {
  const std::string split = text_of(serving.split);
  if (!serving.mirror) return split;
  return split + ", " + percent(serving.mirror->share) + " % mirrored to " + text_of(serving.mirror->to);
}

std::string text_of(const model::TrafficSplit& split) {
  if (split.shares().size() == 1) return text_of(split.shares()[0].version);
  std::string text;
  for (const model::Share& share : split.shares()) {
    if (!text.empty()) text += ", ";
    text += text_of(share.version) + " at " + percent(share.share) + " %";
  }
  return text;
}

}  // namespace slipway::registry
