#include "service/tracking/tracking.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "domain/training/rules.h"

namespace slipway::tracking {
namespace {

using ports::StoredEntry;
using training::Kind;
using training::State;

constexpr int kAttempts = 64;
constexpr std::size_t kLongestHistory = 100'000;  // of one page

std::string said(const EntryKey& key) {
  return std::string(name_of(key.kind)) + " \"" + printable(key.id) + "\"";
}

std::string new_id(Kind kind) {
  std::array<std::byte, 16> random;
  fill_random(random);
  if (kind == Kind::Run) return to_hex(random);
  if (kind == Kind::Model) return "m-" + to_hex(random);
  // 16 digits, the first not 0: too many to meet again, and no counter that two writers would have to share.
  std::string digits;
  for (std::size_t i = 0; i < random.size(); ++i) {
    digits += static_cast<char>('0' + (i == 0 ? 1 : 0) + std::to_integer<int>(random[i]) % (i == 0 ? 9 : 10));
  }
  return digits;
}

std::int64_t milliseconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

State first_state(Kind kind) {
  if (kind == Kind::Run) return State::Running;
  return kind == Kind::Model ? State::Pending : State::None;
}

Result<void> check_count(std::string_view what, std::size_t most, std::size_t found) {
  if (found <= most) return {};
  return invalid_input("expected at most " + std::to_string(most) + " " + std::string(what) + ", found " +
                       std::to_string(found));
}

Result<void> check(Kind kind, const Notes& notes) {
  TRY(check_count("metrics at once", training::kMostMetricsAtOnce, notes.metrics.size()));
  TRY(check_count("parameters at once", training::kMostOthersAtOnce, notes.parameters.size()));
  TRY(check_count("tags at once", training::kMostOthersAtOnce, notes.tags.size()));
  for (const training::Metric& metric : notes.metrics) TRY(training::check_key("metric", metric.key));
  for (const auto& [key, value] : notes.parameters) TRY(training::check_parameter(key, value));
  for (const auto& [key, value] : notes.tags) TRY(training::check_tag(kind, key, value));
  return {};
}

// How many keys there would be; a key that is there already takes no new room.
template <class Held, class Added, class KeyOf>
std::size_t together(const Held& held, const Added& added, KeyOf key_of) {
  std::size_t count = held.size();
  for (const auto& item : added) count += held.contains(key_of(item)) ? 0 : 1;
  return count;
}

Result<void> check_room(const Entry& entry, const Notes& notes) {
  const auto first = [](const auto& pair) -> const std::string& { return pair.first; };
  const auto key = [](const training::Metric& metric) -> const std::string& { return metric.key; };
  const std::string of = " of " + said(entry.key);
  TRY(check_count("tags" + of, training::kMostTags, together(entry.tags, notes.tags, first)));
  TRY(check_count("parameters" + of, training::kMostParameters, together(entry.parameters, notes.parameters, first)));
  return check_count("metrics" + of, training::kMostMetrics, together(entry.metrics, notes.metrics, key));
}

void add_changes(std::vector<ports::TrackingChange>& changes, const EntryKey& key, const Notes& notes) {
  for (const auto& [name, value] : notes.parameters) changes.emplace_back(ports::SetParameter{key, name, value});
  for (const auto& [name, value] : notes.tags) changes.emplace_back(ports::SetTag{key, name, value});
  for (const training::Metric& metric : notes.metrics) changes.emplace_back(ports::AddMetric{key, metric});
}

Result<void> apply(Entry& entry, const EntryChange& asked) {
  if (asked.name) {
    TRY(training::check_name(entry.key.kind, *asked.name));
    entry.name = *asked.name;
  }
  if (asked.state && !fits(*asked.state, entry.key.kind)) {
    return invalid_input("the state " + std::string(name_of(*asked.state)) + " is none of a " +
                         std::string(name_of(entry.key.kind)));
  }
  if (asked.state) entry.state = *asked.state;
  if (asked.ended) entry.ended = asked.ended;
  if (asked.removed) entry.removed = *asked.removed;
  if (entry.removed && entry.key == EntryKey{Kind::Experiment, std::string(kDefaultExperiment)}) {
    return invalid_input("experiment \"0\" is the one for runs that name none: it cannot be deleted");
  }
  return {};
}

}  // namespace

Result<void> Tracking::ensure_default_experiment() {
  Entry entry;
  entry.key = {Kind::Experiment, std::string(kDefaultExperiment)};
  if (TRY(parts_.store.entry(entry.key))) return {};
  entry.experiment = kDefaultExperiment;
  entry.name = "Default";
  entry.started = entry.changed = milliseconds_of(parts_.clock.wall_now());
  auto made = parts_.store.commit({ports::PutEntry{entry}});
  if (!made.ok() && made.error().code == ErrorCode::Conflict) return {};  // another server was first
  return made;
}

Result<StoredEntry> Tracking::stored(const EntryKey& key) {
  std::optional<StoredEntry> found;
  if (is_id(key.kind, key.id)) found = TRY(parts_.store.entry(key));
  if (!found) return not_found("there is no " + said(key));
  return *std::move(found);
}

Result<StoredEntry> Tracking::active(const EntryKey& key) {
  auto found = TRY(stored(key));
  if (found.entry.removed) return invalid_input(said(key) + " was deleted; expected an active one: restore it first");
  return found;
}

Result<Entry> Tracking::entry(const EntryKey& key) {
  return TRY(stored(key)).entry;
}

Result<Entry> Tracking::experiment_named(std::string_view name) {
  auto found = TRY(parts_.store.experiment_named(name));
  if (!found) return not_found("there is no experiment named \"" + printable(name) + "\"");
  return std::move(found->entry);
}

Result<Entry> Tracking::create(const NewEntry& asked) {
  TRY(training::check_name(asked.kind, asked.name));
  TRY(training::check_name(training::Kind::Model, asked.type));
  const Notes notes{.metrics = {}, .parameters = asked.parameters, .tags = asked.tags};
  TRY(check(asked.kind, notes));
  if (asked.kind != Kind::Experiment) TRY(active({Kind::Experiment, asked.experiment}));
  if (!asked.source_run.empty()) TRY(stored({Kind::Run, asked.source_run}));
  const std::int64_t now = milliseconds_of(parts_.clock.wall_now());
  Entry entry;
  entry.key = {asked.kind, new_id(asked.kind)};
  entry.experiment = asked.kind == Kind::Experiment ? entry.key.id : asked.experiment;
  entry.name = asked.name;
  entry.owner = asked.owner;
  entry.source_run = asked.source_run;
  entry.type = asked.type;
  entry.state = first_state(asked.kind);
  entry.started = asked.started.value_or(now);
  entry.changed = now;
  std::vector<ports::TrackingChange> changes = {ports::PutEntry{entry}};
  add_changes(changes, entry.key, notes);
  TRY(parts_.store.commit(changes));
  for (const auto& [key, value] : asked.tags) entry.tags[key] = value;
  entry.parameters.insert(asked.parameters.begin(), asked.parameters.end());
  return entry;
}

Result<Entry> Tracking::rewrite(const EntryKey& key, bool also_removed,
                                const std::function<Result<Notes>(Entry&)>& change) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    StoredEntry found = TRY(also_removed ? stored(key) : active(key));
    const Notes notes = TRY(change(found.entry));
    TRY(check(key.kind, notes));
    TRY(check_room(found.entry, notes));
    found.entry.changed = milliseconds_of(parts_.clock.wall_now());
    std::vector<ports::TrackingChange> changes{ports::PutEntry{found.entry, found.revision}};
    add_changes(changes, key, notes);
    const auto done = parts_.store.commit(changes);
    for (const auto& [name, value] : notes.tags) found.entry.tags[name] = value;
    if (done) return std::move(found.entry);
    if (done.error().code != ErrorCode::Conflict) return done.error();
    // Another change came first, unless the name is another's: that stays so.
    if (TRY(stored(key)).revision == found.revision) return done.error();
  }
  return conflict(said(key) + " is being changed by others without end: try again");
}

Result<Entry> Tracking::change(const EntryKey& key, const EntryChange& asked) {
  return rewrite(key, asked.removed.has_value(), [&](Entry& entry) -> Result<Notes> {
    TRY(apply(entry, asked));
    return Notes{.metrics = {}, .parameters = {}, .tags = asked.tags};
  });
}

Result<void> Tracking::update_tag(const EntryKey& key, const std::string& tag,
                                  const std::function<Result<std::string>(const std::string& before)>& next) {
  TRY(rewrite(key, false, [&](Entry& entry) -> Result<Notes> {
    const auto before = entry.tags.find(tag);
    Notes notes;
    notes.tags.emplace_back(tag, TRY(next(before == entry.tags.end() ? "" : before->second)));
    return notes;
  }));
  return {};
}

Result<void> Tracking::log_all(const std::map<EntryKey, Notes>& notes) {
  std::vector<ports::TrackingChange> changes;
  for (const auto& [key, said_of_it] : notes) {
    TRY(check(key.kind, said_of_it));
    TRY(check_room(TRY(active(key)).entry, said_of_it));
    add_changes(changes, key, said_of_it);
  }
  if (changes.empty()) return {};
  auto done = parts_.store.commit(changes);
  if (done || done.error().code != ErrorCode::Conflict) return done;
  return invalid_input("a parameter keeps its first value: " + done.error().message);
}

Result<void> Tracking::remove_tag(const EntryKey& key, const std::string& tag) {
  const StoredEntry found = TRY(active(key));
  if (!found.entry.tags.contains(tag)) return not_found(said(key) + " has no tag \"" + printable(tag) + "\"");
  return parts_.store.commit({ports::RemoveTag{key, tag}});
}

Result<std::vector<training::Metric>> Tracking::history(const EntryKey& key, std::string_view metric, std::size_t skip,
                                                        std::size_t limit) {
  TRY(stored(key));
  return parts_.store.history(key, metric, skip, std::min(limit, kLongestHistory));
}

}  // namespace slipway::tracking
