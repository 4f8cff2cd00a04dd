#include "service/registry/registry.h"

#include <algorithm>

#include "base/text.h"
#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

constexpr std::size_t kMostRows = 1000;

}  // namespace

Registry::Registry(Parts parts) : parts_(std::move(parts)), state_(std::make_unique<State>(parts_)) {}
Registry::~Registry() = default;

Result<std::vector<ModelSummary>> Registry::models(std::string_view after, std::size_t limit,
                                                   const access::Scope* scope) {
  limit = std::min(limit, kMostRows);
  if (!scope || scope->models.empty()) return parts_.metadata.summaries(after, limit);
  // What is outside the scope is read over: neither the page's length nor its end tells of it.
  std::vector<ModelSummary> found;
  std::string from(after);
  while (found.size() < limit) {
    auto page = TRY(parts_.metadata.summaries(from, kMostRows));
    for (ModelSummary& summary : page) {
      if (found.size() < limit && scope->covers_model(summary.record.name.text())) found.push_back(summary);
    }
    if (page.size() < kMostRows) break;
    from = page.back().record.name.text();
  }
  return found;
}

void Registry::note_refusal(std::string_view principal, std::string_view model, std::string_view what,
                            const Error& why) {
  if (parts_.refusals) parts_.refusals->note({principal, model, what, why.message}, parts_.clock.wall_now());
}

Result<ModelSummary> Registry::model(const model::ModelName& name) {
  ModelSummary summary{
      .record = TRY(state_->existing(name)).record, .versions = {}, .aliases = {}, .notes = {}, .desired = {}};
  for (auto& stored : TRY(parts_.metadata.versions(name))) summary.versions.push_back(std::move(stored.record));
  for (auto& stored : TRY(parts_.metadata.aliases(name))) summary.aliases.push_back(std::move(stored.record));
  summary.notes = TRY(parts_.metadata.notes(name, std::nullopt));
  summary.desired = TRY(parts_.metadata.desired_of(name));
  return summary;
}

Result<model::ModelVersion> Registry::version(const model::ModelName& name, model::VersionNumber number) {
  return TRY(state_->existing(name, number)).record;
}

Result<model::ModelReference> Registry::parse(std::string_view reference) {
  std::optional<Error> failure;
  const auto is_model = [&](const model::ModelName& name) {
    auto found = parts_.metadata.model(name);
    if (!found) failure = found.error();
    return found.ok() && *found && !(*found)->record.removed;
  };
  auto parsed = model::parse_reference(reference, is_model);
  if (failure) return *std::move(failure);
  return parsed;
}

Result<model::VersionNumber> Registry::resolve(const model::ModelReference& reference) {
  if (const auto* number = std::get_if<model::VersionNumber>(&reference.which)) {
    return TRY(state_->existing(reference.name, *number)).record.number;
  }
  TRY(state_->existing(reference.name));
  if (const auto* alias = std::get_if<model::Alias>(&reference.which)) {
    const auto found = TRY(state_->alias(reference.name, *alias));
    if (!found) return not_found(quoted(reference.name) + " has no " + quoted(*alias));
    return found->record.version;
  }
  const auto versions = TRY(parts_.metadata.versions(reference.name));
  const auto newest = std::find_if(versions.rbegin(), versions.rend(),
                                   [](const auto& stored) { return stored.record.stage == model::Stage::Validated; });
  if (newest == versions.rend()) {
    return not_found(quoted(reference.name) + ": none of its " + std::to_string(versions.size()) +
                     " versions is validated");
  }
  return newest->record.number;
}

Result<void> Registry::set_alias(const model::ModelName& name, const model::Alias& alias, model::VersionNumber version,
                                 std::optional<model::VersionNumber> expected, const Author& author) {
  TRY(check(author));
  TRY(state_->check_scope(author, name, alias));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto model = TRY(state_->existing(name));
    const auto target = TRY(state_->existing(name, version)).record;
    if (target.stage == model::Stage::Rejected || target.stage == model::Stage::Retired) {
      return conflict(text_of(version) + " of " + quoted(name) + " is " + std::string(name_of(target.stage)) + ": " +
                      quoted(alias) + " cannot point to it");
    }
    const auto current = TRY(state_->alias(name, alias));
    const model::VersionNumber found = current ? current->record.version : 0;
    if (expected && *expected != found) {
      return conflict(quoted(alias) + " of " + quoted(name) + ": expected it to point to " + text_of(*expected) +
                      ", found " + text_of(found) + " (0: it does not exist)");
    }
    if (found != version) TRY(state_->may_point(name, alias, version, author));
    // The model's record is rewritten with every use of a version, so that no removal of the version slips between.
    std::vector<ports::Change> changes{{model.record, model.revision}};
    std::vector<model::Event> events;
    state_->move_alias({name, alias, version}, current, author, changes, events);
    if (events.empty() || TRY(state_->try_commit(author, changes, events))) return {};
  }
  return lost_too_often(quoted(name));
}

Result<void> Registry::remove_alias(const model::ModelName& name, const model::Alias& alias, const Author& author) {
  TRY(check(author));
  TRY(state_->check_scope(author, name, alias));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    TRY(state_->existing(name));
    const auto current = TRY(state_->alias(name, alias));
    if (!current) return not_found(quoted(name) + " has no " + quoted(alias));
    model::Event event = state_->event(author, "alias", name.text(), "alias " + alias.text());
    event.from = text_of(current->record.version);
    if (TRY(state_->try_commit(author, {{current->record, current->revision, true}}, {event}))) return {};
  }
  return lost_too_often(quoted(alias));
}

Result<std::size_t> Registry::collect_artifacts() {
  return state_->collection.collect();
}

std::shared_ptr<void> Registry::hold_artifacts() {
  return std::shared_ptr<ArtifactCollection::Lease>(
      new ArtifactCollection::Lease(state_->collection.begin_push()));  // it cannot be moved, so no make_shared
}

std::shared_ptr<void> Registry::read_artifacts() {
  return std::shared_ptr<ArtifactCollection::Lease>(new ArtifactCollection::Lease(state_->collection.begin_read()));
}

Result<std::unique_ptr<ports::Content>> Registry::file(const model::ModelName& name, model::VersionNumber number,
                                                       std::string_view path) {
  const auto hold = read_artifacts();
  for (const model::PackageFile& file : TRY(version(name, number)).files) {
    if (file.path == path) return parts_.artifacts.content(file.digest);
  }
  return not_found(text_of(number) + " of " + quoted(name) + " has no file \"" + printable(path) + "\"");
}

Result<std::optional<ports::IdempotencyRecord>> Registry::applied(const Digest& key) {
  const auto found = TRY(parts_.metadata.idempotency(key));
  return found ? std::optional(found->record) : std::nullopt;
}

Result<void> Registry::keep_answer(const ports::IdempotencyRecord& answered) {
  const auto found = TRY(parts_.metadata.idempotency(answered.key));
  if (found && found->record.status) return {};
  return parts_.metadata.commit({{answered, found ? found->revision : 0}}, {});
}

Result<std::vector<model::Event>> Registry::history(std::string_view model, std::uint64_t before, std::size_t limit) {
  return parts_.metadata.history(model, before, std::min(limit, kMostRows));
}

Result<std::vector<model::Event>> Registry::trail(std::uint64_t after, std::size_t limit) {
  return parts_.metadata.trail(after, std::min(limit, kMostRows));
}

Result<std::vector<model::AuditHead>> Registry::heads(std::uint64_t after, std::size_t limit) {
  return parts_.metadata.heads(after, std::min(limit, kMostRows));
}

}  // namespace slipway::registry
