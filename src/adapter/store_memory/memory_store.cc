#include "adapter/store_memory/memory_store.h"

#include <algorithm>

#include "adapter/store_memory/memory_search.h"

namespace slipway::store_memory {
namespace {

using ports::Change;
using ports::Stored;
using Tables = MemoryStore::Tables;

template <class Table, class T>
Result<void> apply(Table& table, const typename Table::key_type& key, const Change& change, const T& record,
                   const std::string& what, std::uint64_t revision_before_creation = 0) {
  const auto found = table.find(key);
  const std::uint64_t revision = found == table.end() ? 0 : found->second.revision;
  if (revision != change.expected) {
    return conflict(what + ": expected revision " + std::to_string(change.expected) + ", found " +
                    std::to_string(revision) + " (0: it does not exist)");
  }
  if (change.erase) {
    table.erase(key);
  } else {
    const std::uint64_t next = (revision == 0 ? revision_before_creation : revision) + 1;
    table.insert_or_assign(key, Stored<T>{record, next});
  }
  return {};
}

std::string text_of(const model::ModelName& name, model::VersionNumber number) {
  return "version " + std::to_string(number) + " of model \"" + name.text() + "\"";
}

// One overload per kind of record.
struct Applied {
  Tables& tables;
  const Change& change;

  Result<void> operator()(const ports::ModelRecord& record) const {
    return apply(tables.models, record.name.text(), change, record, "model \"" + record.name.text() + "\"");
  }
  Result<void> operator()(const model::ModelVersion& record) const {
    TRY(apply(tables.versions, {record.name.text(), record.number}, change, record,
              text_of(record.name, record.number)));
    if (change.erase) tables.facts.erase({record.name.text(), record.number});
    return {};
  }
  Result<void> operator()(const ports::AliasRecord& record) const {
    return apply(tables.aliases, {record.model.text(), record.alias.text()}, change, record,
                 "alias \"" + record.alias.text() + "\" of model \"" + record.model.text() + "\"");
  }
  Result<void> operator()(const model::DesiredServing& record) const {
    const MemoryStore::Pair key{record.environment, record.model.text()};
    TRY(apply(tables.desired, key, change, record,
              "desired serving of model \"" + record.model.text() + "\" in " + record.environment,
              tables.desired_last[key]));
    if (!change.erase) tables.desired_last[key] = tables.desired.at(key).revision;
    return {};
  }
  Result<void> operator()(const model::ServingEntry& record) const {
    return apply(tables.entries, {{record.environment, record.model.text()}, record.number}, change, record,
                 "serving entry " + std::to_string(record.number) + " of model \"" + record.model.text() + "\" in " +
                     record.environment);
  }
  Result<void> operator()(const ports::TokenRecord& record) const {
    for (const auto& [id, other] : tables.tokens) {
      if (change.erase || id == record.id) continue;
      if (other.record.name == record.name) return conflict("a token named \"" + record.name + "\" exists already");
      if (other.record.hash == record.hash) return conflict("another token has the same secret");
    }
    return apply(tables.tokens, record.id, change, record, "token \"" + record.id + "\"");
  }
  Result<void> operator()(const model::VersionNotes& record) const {
    return apply(tables.notes, {record.model.text(), record.version}, change, record,
                 "notes on " + text_of(record.model, record.version));
  }
  Result<void> operator()(const ports::EvidenceRecord& record) const {
    const std::string what =
        "evidence " + std::to_string(record.sequence) + " on " + text_of(record.model, record.version);
    if (change.expected != 0 || change.erase) return conflict(what + ": evidence is never changed or erased");
    return apply(tables.evidence, {{record.model.text(), record.version}, record.sequence}, change, record, what);
  }
  Result<void> operator()(const ports::ApprovalRecord& record) const {
    return apply(tables.approvals, record.id, change, record, "approval \"" + record.id + "\"");
  }
  Result<void> operator()(const ports::VersionFacts& record) const {
    if (change.expected != 0 || change.erase) {
      return invalid_input("the facts of a version are never changed, and go with it alone");
    }
    return apply(tables.facts, {record.model.text(), record.version}, change, record,
                 "facts of " + text_of(record.model, record.version));
  }
  Result<void> operator()(const ports::SignatureRecord& record) const {
    const std::string what = "signature " + record.digest.hex() + " of " + text_of(record.model, record.version);
    if (change.expected != 0 || change.erase) return conflict(what + ": signatures are never changed or erased");
    return apply(tables.signatures, {record.model.text(), record.version, record.digest}, change, record, what);
  }
  Result<void> operator()(const model::AuditHead& record) const {
    return apply(tables.heads, record.sequence, change, record, "the head of event " + std::to_string(record.sequence));
  }
  Result<void> operator()(const ports::IdempotencyRecord& record) const {
    auto& order = tables.idempotency_order;
    TRY(apply(tables.idempotency, record.key, change, record, "the request of key " + record.key.hex()));
    if (change.erase) std::erase(order, record.key);
    if (change.erase || change.expected != 0) return {};
    order.push_back(record.key);
    const auto is_old = [&](const Digest& key) {
      return tables.idempotency.at(key).record.at < record.at - ports::kIdempotencyKept;
    };
    for (const Digest& key : order) {
      if (is_old(key)) tables.idempotency.erase(key);
    }
    std::erase_if(order, [&](const Digest& key) { return !tables.idempotency.contains(key); });
    while (order.size() > ports::kMostIdempotencyRecords) {
      tables.idempotency.erase(order.front());
      order.pop_front();
    }
    return {};
  }
};

template <class Table, class Keep>
auto selected(const Table& table, Keep keep, std::size_t limit = SIZE_MAX) {
  std::vector<typename Table::mapped_type> rows;
  for (const auto& [key, stored] : table) {
    if (rows.size() == limit) break;
    if (keep(stored.record)) rows.push_back(stored);
  }
  return rows;
}

template <class Table>
std::optional<typename Table::mapped_type> found_in(const Table& table, const typename Table::key_type& key) {
  const auto found = table.find(key);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Result<void> MemoryStore::commit(const std::vector<Change>& changes, const std::vector<model::Event>& events) {
  auto tables = tables_.lock();
  Tables next = *tables;
  for (const Change& change : changes) TRY(std::visit(Applied{next, change}, change.record));
  for (model::Event event : events) {
    event.sequence = next.events.size() + 1;
    event.hash = model::chained(event, next.events.empty() ? Digest{} : next.events.back().hash);
    next.events.push_back(std::move(event));
  }
  std::swap(*tables, next);
  return {};
}

Result<std::vector<Stored<ports::ModelRecord>>> MemoryStore::models(std::string_view after, std::size_t limit) {
  const auto keep = [&](const auto& record) { return !record.removed && record.name.text() > after; };
  return selected(tables_.lock()->models, keep, limit);
}

Result<std::vector<ports::ModelSummary>> MemoryStore::summaries(std::string_view after, std::size_t limit) {
  auto tables = tables_.lock();
  const auto shown = [&](const auto& record) { return !record.removed && record.name.text() > after; };
  std::vector<ports::ModelSummary> found;
  for (const auto& stored : selected(tables->models, shown, limit)) found.push_back(summary_of(*tables, stored.record));
  return found;
}

Result<ports::FoundPage<ports::FoundVersion>> MemoryStore::search_versions(const search::Query& query) {
  return store_memory::search_versions(*tables_.lock(), query);
}

Result<ports::FoundPage<ports::ModelSummary>> MemoryStore::search_models(const search::Query& query) {
  return store_memory::search_models(*tables_.lock(), query);
}

Result<std::vector<model::ModelVersion>> MemoryStore::without_facts(std::size_t limit) {
  auto tables = tables_.lock();
  std::vector<model::ModelVersion> found;
  for (const auto& [key, stored] : tables->versions) {
    if (found.size() == limit) break;
    if (!tables->facts.contains(key)) found.push_back(stored.record);
  }
  return found;
}

Result<std::optional<Stored<ports::ModelRecord>>> MemoryStore::model(const model::ModelName& name) {
  return found_in(tables_.lock()->models, name.text());
}

Result<std::vector<Stored<model::ModelVersion>>> MemoryStore::versions(const model::ModelName& name) {
  return selected(tables_.lock()->versions, [&](const auto& record) { return record.name == name; });
}

Result<std::optional<Stored<model::ModelVersion>>> MemoryStore::version(const model::ModelName& name,
                                                                        model::VersionNumber number) {
  return found_in(tables_.lock()->versions, {name.text(), number});
}

Result<std::vector<Stored<ports::AliasRecord>>> MemoryStore::aliases(const model::ModelName& name) {
  return selected(tables_.lock()->aliases, [&](const auto& record) { return record.model == name; });
}

Result<std::vector<Stored<model::VersionNotes>>> MemoryStore::notes(const model::ModelName& name,
                                                                    std::optional<model::VersionNumber> version) {
  return selected(tables_.lock()->notes, [&](const auto& record) {
    return record.model == name && record.version == version.value_or(record.version);
  });
}

Result<std::vector<Stored<ports::EvidenceRecord>>> MemoryStore::evidence(const model::ModelName& name,
                                                                         model::VersionNumber version,
                                                                         std::uint64_t before, std::size_t limit) {
  auto rows = selected(tables_.lock()->evidence, [&](const auto& record) {
    const bool is_below = before == 0 || record.sequence < before;
    return record.model == name && record.version == version && is_below;
  });
  std::ranges::reverse(rows);
  if (rows.size() > limit) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
  return rows;
}

Result<std::vector<Stored<ports::SignatureRecord>>> MemoryStore::signatures(const model::ModelName& name,
                                                                            model::VersionNumber version) {
  auto rows = selected(tables_.lock()->signatures, [&](const ports::SignatureRecord& record) {
    return record.model == name && record.version == version;
  });
  std::ranges::sort(rows, {}, [](const auto& row) { return std::pair(row.record.at, row.record.digest); });
  return rows;
}

Result<std::vector<Stored<ports::ApprovalRecord>>> MemoryStore::approvals(const model::ModelName& name,
                                                                          model::VersionNumber version) {
  auto rows = selected(tables_.lock()->approvals,
                       [&](const auto& record) { return record.model == name && record.version == version; });
  std::ranges::stable_sort(rows, {}, [](const auto& stored) { return stored.record.at; });
  return rows;
}

Result<std::vector<Stored<model::DesiredServing>>> MemoryStore::desired(std::string_view environment) {
  return selected(tables_.lock()->desired,
                  [&](const auto& record) { return environment.empty() || record.environment == environment; });
}

Result<std::vector<Stored<model::DesiredServing>>> MemoryStore::desired_of(const model::ModelName& name) {
  return selected(tables_.lock()->desired, [&](const auto& record) { return record.model == name; });
}

Result<std::vector<Stored<model::ServingEntry>>> MemoryStore::entries(std::string_view environment,
                                                                      const model::ModelName& name,
                                                                      std::uint64_t before, std::size_t limit) {
  auto rows = selected(tables_.lock()->entries, [&](const auto& record) {
    return record.environment == environment && record.model == name && (before == 0 || record.number < before);
  });
  std::ranges::reverse(rows);
  if (rows.size() > limit) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(limit), rows.end());
  return rows;
}

Result<std::vector<Stored<ports::TokenRecord>>> MemoryStore::tokens() {
  auto rows = selected(tables_.lock()->tokens, [](const auto&) { return true; });
  std::ranges::sort(rows, {}, [](const auto& stored) { return stored.record.name; });
  return rows;
}

Result<std::vector<model::Event>> MemoryStore::history(std::string_view model, std::uint64_t before,
                                                       std::size_t limit) {
  auto tables = tables_.lock();
  std::vector<model::Event> rows;
  for (auto event = tables->events.rbegin(); event != tables->events.rend() && rows.size() < limit; ++event) {
    if ((before == 0 || event->sequence < before) && (model.empty() || event->model == model)) rows.push_back(*event);
  }
  return rows;
}

Result<std::vector<model::Event>> MemoryStore::trail(std::uint64_t after, std::size_t limit) {
  auto tables = tables_.lock();
  const auto start = tables->events.begin() + static_cast<std::ptrdiff_t>(std::min(after, tables->events.size()));
  const auto rest = static_cast<std::size_t>(tables->events.end() - start);
  return std::vector<model::Event>(start, start + static_cast<std::ptrdiff_t>(std::min(limit, rest)));
}

Result<std::vector<model::AuditHead>> MemoryStore::heads(std::uint64_t after, std::size_t limit) {
  std::vector<model::AuditHead> rows;
  for (auto& stored : selected(tables_.lock()->heads, [&](const auto& head) { return head.sequence > after; }, limit)) {
    rows.push_back(stored.record);
  }
  return rows;
}

Result<std::optional<Stored<ports::IdempotencyRecord>>> MemoryStore::idempotency(const Digest& key) {
  return found_in(tables_.lock()->idempotency, key);
}

}  // namespace slipway::store_memory
