#include "adapter/store_memory/memory_tracking.h"

#include <algorithm>
#include <bit>

namespace slipway::store_memory {
namespace {

using training::Entry;
using training::EntryKey;
using training::Kind;
using Tables = MemoryTracking::Tables;
using Held = MemoryTracking::Held;

std::string said(const EntryKey& key) {
  return std::string(name_of(key.kind)) + " " + key.id;
}

// One overload per kind of change.
struct Applied {
  Tables& tables;

  Result<Held*> held(const EntryKey& key) const {
    const auto found = tables.entries.find(key);
    if (found == tables.entries.end()) return not_found("there is no " + said(key));
    return &found->second;
  }

  Result<void> operator()(const ports::PutEntry& put) const {
    const EntryKey& key = put.entry.key;
    const auto found = tables.entries.find(key);
    const std::uint64_t revision = found == tables.entries.end() ? 0 : found->second.stored.revision;
    if (revision != put.expected) {
      return conflict(said(key) + ": expected revision " + std::to_string(put.expected) + ", found " +
                      std::to_string(revision) + " (0: it does not exist)");
    }
    if (key.kind == Kind::Experiment) {
      for (const auto& [other, held_other] : tables.entries) {
        if (other.kind == Kind::Experiment && other != key && held_other.stored.entry.name == put.entry.name) {
          return conflict("the name \"" + put.entry.name + "\" is that of experiment " + other.id);
        }
      }
    }
    Held& held = tables.entries[key];
    Entry& entry = held.stored.entry;
    auto tags = std::move(entry.tags);
    auto parameters = std::move(entry.parameters);
    auto metrics = std::move(entry.metrics);
    entry = put.entry;
    entry.tags = std::move(tags);
    entry.parameters = std::move(parameters);
    entry.metrics = std::move(metrics);
    held.stored.revision = revision + 1;
    if (revision == 0) held.stored.sequence = ++tables.last_sequence;
    return {};
  }
  Result<void> operator()(const ports::SetTag& set) const {
    TRY(held(set.of))->stored.entry.tags[set.key] = set.value;
    return {};
  }
  Result<void> operator()(const ports::RemoveTag& remove) const {
    TRY(held(remove.of))->stored.entry.tags.erase(remove.key);
    return {};
  }
  Result<void> operator()(const ports::SetParameter& set) const {
    const auto [at, is_new] = TRY(held(set.of))->stored.entry.parameters.emplace(set.key, set.value);
    if (!is_new && at->second != set.value) {
      return conflict("parameter \"" + set.key + "\" of " + said(set.of) + " has the value \"" + at->second + "\"");
    }
    return {};
  }
  Result<void> operator()(const ports::AddMetric& add) const {
    Held& of = *TRY(held(add.of));
    const training::Metric& metric = add.metric;
    of.history[metric.key].emplace(metric.timestamp, metric.step, std::bit_cast<std::uint64_t>(metric.value));
    const auto [at, is_new] = of.stored.entry.metrics.emplace(metric.key, metric);
    if (!is_new && is_later(metric, at->second)) at->second = metric;
    return {};
  }
  Result<void> operator()(const ports::PutFile& put) const {
    TRY(held(put.of))->files[put.file.path] = put.file;
    return {};
  }
  Result<void> operator()(const ports::RemoveFile& remove) const {
    TRY(held(remove.of))->files.erase(remove.path);
    return {};
  }
};

}  // namespace

Result<void> MemoryTracking::commit(const std::vector<ports::TrackingChange>& changes) {
  auto tables = tables_.lock();
  Tables next = *tables;
  for (const ports::TrackingChange& change : changes) TRY(std::visit(Applied{next}, change));
  *tables = std::move(next);
  return {};
}

Result<std::optional<ports::StoredEntry>> MemoryTracking::entry(const EntryKey& key) {
  auto tables = tables_.lock();
  const auto found = tables->entries.find(key);
  if (found == tables->entries.end()) return std::optional<ports::StoredEntry>();
  return std::optional(found->second.stored);
}

Result<std::optional<ports::StoredEntry>> MemoryTracking::experiment_named(std::string_view name) {
  auto tables = tables_.lock();
  for (const auto& [key, held] : tables->entries) {
    if (key.kind == Kind::Experiment && held.stored.entry.name == name) return std::optional(held.stored);
  }
  return std::optional<ports::StoredEntry>();
}

Result<std::vector<ports::StoredEntry>> MemoryTracking::entries(Kind kind, std::string_view experiment,
                                                                std::uint64_t after, std::size_t limit) {
  auto tables = tables_.lock();
  std::vector<ports::StoredEntry> found;
  for (const auto& [key, held] : tables->entries) {
    const bool is_asked = key.kind == kind && held.stored.sequence > after &&
                          (experiment.empty() || held.stored.entry.experiment == experiment);
    if (is_asked) found.push_back(held.stored);
  }
  std::ranges::sort(found, {}, &ports::StoredEntry::sequence);
  if (found.size() > limit) found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
  return found;
}

Result<std::vector<training::Metric>> MemoryTracking::history(const EntryKey& of, std::string_view metric,
                                                              std::size_t skip, std::size_t limit) {
  auto tables = tables_.lock();
  std::vector<training::Metric> found;
  const auto held = tables->entries.find(of);
  if (held == tables->entries.end()) return found;
  const std::string key(metric);
  const auto points = held->second.history.find(key);
  if (points == held->second.history.end()) return found;
  for (const auto& [timestamp, step, bits] : points->second) {
    if (skip > 0) {
      --skip;
      continue;
    }
    if (found.size() == limit) break;
    found.push_back({.key = key, .value = std::bit_cast<double>(bits), .timestamp = timestamp, .step = step});
  }
  return found;
}

Result<std::optional<training::File>> MemoryTracking::file(const EntryKey& of, std::string_view path) {
  auto tables = tables_.lock();
  const auto held = tables->entries.find(of);
  if (held == tables->entries.end()) return std::optional<training::File>();
  const auto found = held->second.files.find(std::string(path));
  if (found == held->second.files.end()) return std::optional<training::File>();
  return std::optional(found->second);
}

Result<std::vector<training::File>> MemoryTracking::files(const EntryKey& of, std::string_view prefix,
                                                          std::string_view after, std::size_t limit) {
  auto tables = tables_.lock();
  std::vector<training::File> found;
  const auto held = tables->entries.find(of);
  if (held == tables->entries.end()) return found;
  for (const auto& [path, file] : held->second.files) {
    if (found.size() == limit) break;
    if (path.starts_with(prefix) && path > after) found.push_back(file);
  }
  return found;
}

Result<std::vector<Digest>> MemoryTracking::digests() {
  auto tables = tables_.lock();
  std::vector<Digest> found;
  for (const auto& [key, held] : tables->entries) {
    for (const auto& [path, file] : held.files) found.push_back(file.digest);
  }
  return found;
}

}  // namespace slipway::store_memory
