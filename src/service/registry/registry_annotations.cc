// The part of the Registry that keeps what people write about models and versions.
#include <set>

#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

constexpr std::size_t kLongestEventText = 500;

// The names of what differs: description, tag team. An event tells what changed, not the text itself.
std::vector<std::string> differences(const model::Annotations& before, const model::Annotations& after) {
  std::vector<std::string> found;
  if (before.description != after.description) found.emplace_back("description");
  std::set<std::string> keys;
  for (const auto& [key, value] : before.tags) keys.insert(key);
  for (const auto& [key, value] : after.tags) keys.insert(key);
  for (const std::string& key : keys) {
    const auto old = before.tags.find(key);
    const auto now = after.tags.find(key);
    const bool same = old != before.tags.end() && now != after.tags.end() && old->second == now->second;
    if (!same) found.push_back("tag " + key);
  }
  return found;
}

std::vector<std::string> differences(const model::VersionNotes& before, const model::VersionNotes& after) {
  auto found = differences(before.annotations, after.annotations);
  if (before.stage_label != after.stage_label) found.emplace_back("stage label");
  if (before.source != after.source) found.emplace_back("source");
  if (before.run_id != after.run_id) found.emplace_back("run id");
  if (before.run_link != after.run_link) found.emplace_back("run link");
  return found;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (text.size() + name.size() > kLongestEventText) return text + ", ...";
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

Result<void> check_expected(std::optional<std::uint64_t> expected, std::uint64_t found, const std::string& what) {
  if (!expected || *expected == found) return {};
  return conflict(what + ": expected revision " + std::to_string(*expected) + ", found " + std::to_string(found) +
                  ": somebody changed it meanwhile; read it again");
}

}  // namespace

Result<ports::Stored<ports::ModelRecord>> Registry::annotate(
    const model::ModelName& name, const std::function<Result<void>(model::Annotations&)>& change,
    std::optional<std::uint64_t> expected, const Author& author) {
  TRY(check(author));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto found = TRY(state_->existing(name));
    TRY(check_expected(expected, found.revision, quoted(name)));
    auto changed = found;
    model::Annotations& annotations = changed.record.annotations;
    TRY(change(annotations));
    TRY(check(annotations));
    const auto what = differences(found.record.annotations, annotations);
    if (what.empty()) return found;
    annotations.changed_at = parts_.clock.wall_now();
    model::Event event = state_->event(author, "annotate", name.text(), "model");
    event.to = joined(what);
    if (TRY(state_->try_commit(author, {{changed.record, found.revision}}, {event}))) {
      ++changed.revision;
      return changed;
    }
  }
  return lost_too_often(quoted(name));
}

Result<ports::Stored<model::VersionNotes>> Registry::annotate(
    const model::ModelName& name, model::VersionNumber number,
    const std::function<Result<void>(model::VersionNotes&)>& change, std::optional<std::uint64_t> expected,
    const Author& author) {
  TRY(check(author));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // The version is rewritten with its notes, so that these never outlive a removal that came between.
    const auto version = TRY(state_->existing(name, number));
    const auto found = TRY(notes(name, number));
    TRY(check_expected(expected, found.revision, "notes on " + text_of(number) + " of " + quoted(name)));
    auto changed = found;
    TRY(change(changed.record));
    changed.record.model = name;
    changed.record.version = number;
    TRY(check(changed.record));
    const auto what = differences(found.record, changed.record);
    if (what.empty()) return found;
    changed.record.annotations.changed_at = parts_.clock.wall_now();
    model::Event event = state_->event(author, "annotate", name.text(), text_of(number));
    event.to = joined(what);
    if (TRY(state_->try_commit(author, {{version.record, version.revision}, {changed.record, found.revision}},
                               {event}))) {
      ++changed.revision;
      return changed;
    }
  }
  return lost_too_often(quoted(name));
}

Result<ports::Stored<ports::ModelRecord>> Registry::record(const model::ModelName& name) {
  return state_->existing(name);
}

Result<ports::Stored<model::VersionNotes>> Registry::notes(const model::ModelName& name, model::VersionNumber number) {
  TRY(state_->existing(name, number));
  auto found = TRY(parts_.metadata.notes(name, number));
  if (!found.empty()) return std::move(found.front());
  return ports::Stored<model::VersionNotes>{{.model = name,
                                             .version = number,
                                             .annotations = {},
                                             .stage_label = {},
                                             .source = {},
                                             .run_id = {},
                                             .run_link = {}},
                                            0};
}

}  // namespace slipway::registry
