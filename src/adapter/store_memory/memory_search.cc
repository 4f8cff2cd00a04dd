#include "adapter/store_memory/memory_search.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace slipway::store_memory {
namespace {

using search::Field;
using search::Part;
using Tables = MemoryStore::Tables;

double milliseconds(WallTime time) {
  return static_cast<double>(time.time_since_epoch().count() / 1'000);
}

// An empty text is none.
std::optional<std::string_view> text_in(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

template <class Map>
const typename Map::mapped_type* found_in(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

std::optional<std::string_view> text_at(const std::map<std::string, std::string>& map, const std::string& key) {
  const std::string* found = found_in(map, key);
  return found ? std::optional<std::string_view>(*found) : std::nullopt;
}

struct VersionRow final : search::Row {
  VersionRow(const Tables& tables_, const model::ModelVersion& version_) : tables(tables_), version(version_) {
    const MemoryStore::Numbered key{version.name.text(), version.number};
    if (const auto* stored = found_in(tables.notes, key)) notes = &stored->record;
    if (const auto* stored = found_in(tables.facts, key)) facts = &stored->record;
    digest = "sha256:" + version.digest.hex();
    for (const model::PackageFile& file : version.files) size += file.size;
    for (const auto& [of, alias] : tables.aliases) {
      const bool is_mine = alias.record.model == version.name && alias.record.version == version.number;
      if (is_mine) aliases.push_back(alias.record.alias);
    }
  }

  std::optional<double> number(const Field& field) const override {
    if (field.part == Part::Metric) {
      const double* found = facts ? found_in(facts->lineage.metrics, field.key) : nullptr;
      return found ? std::optional(*found) : std::nullopt;
    }
    if (field.part != Part::Attribute) return std::nullopt;
    if (field.key == "number") return static_cast<double>(version.number);
    if (field.key == "created") return milliseconds(version.created_at);
    if (field.key == "changed") return milliseconds(changed());
    if (field.key == "size") return static_cast<double>(size);
    if (!version.verification) return std::nullopt;
    if (field.key == "memory") return static_cast<double>(version.verification->memory.count);
    const model::Cost& cost = version.verification->cost;
    if (field.key == "latency_us") return static_cast<double>((cost.fixed + cost.per_row).count()) / 1'000.0;
    return std::nullopt;
  }

  std::optional<std::string_view> text(const Field& field) const override {
    if (field.part == Part::Tag) return notes ? text_at(notes->annotations.tags, field.key) : std::nullopt;
    if (field.part == Part::Parameter) return facts ? text_at(facts->lineage.parameters, field.key) : std::nullopt;
    if (field.part == Part::ModelTag) {
      const auto* stored = found_in(tables.models, version.name.text());
      return stored ? text_at(stored->record.annotations.tags, field.key) : std::nullopt;
    }
    if (field.part != Part::Attribute) return std::nullopt;
    if (field.key == "name") return version.name.text();
    if (field.key == "stage") return name_of(version.stage);
    if (field.key == "author") return text_in(version.created_by);
    if (field.key == "digest") return digest;
    const auto noted = notes ? text_of_notes(field.key) : std::nullopt;
    return noted || !facts ? noted : text_of_facts(field.key);
  }

  std::vector<std::string> texts(const Field& field) const override {
    std::vector<std::string> found;
    if (field.key == "alias") {
      for (const model::Alias& alias : aliases) found.push_back(alias.text());
    } else if (field.key == "data" && facts) {
      for (const auto& [name, data_digest] : facts->lineage.data) found.push_back(data_digest);
    } else if (field.key == "environment") {
      for (const auto& [key, stored] : tables.desired) {
        if (stored.record.model != version.name) continue;
        const auto is_mine = [&](const model::Share& share) { return share.version == version.number; };
        if (std::ranges::any_of(stored.record.split.shares(), is_mine)) found.push_back(stored.record.environment);
      }
    }
    return found;
  }

  WallTime changed() const {
    return notes ? std::max(version.created_at, notes->annotations.changed_at) : version.created_at;
  }

  const Tables& tables;
  const model::ModelVersion& version;
  const model::VersionNotes* notes = nullptr;
  const ports::VersionFacts* facts = nullptr;
  std::string digest;
  std::uint64_t size = 0;
  std::vector<model::Alias> aliases;

 private:
  std::optional<std::string_view> text_of_notes(std::string_view key) const {
    if (key == "source") return text_in(notes->source);
    if (key == "stage_label") return text_in(notes->stage_label);
    if (key == "run") return text_in(notes->run_id);
    if (key == "description") return text_in(notes->annotations.description);
    return std::nullopt;
  }
  std::optional<std::string_view> text_of_facts(std::string_view key) const {
    if (key == "format") return text_in(facts->format);
    if (key == "run") return text_in(facts->lineage.run_id);
    if (key == "commit") return text_in(facts->lineage.code_commit);
    if (key == "parent") return text_in(facts->lineage.parent);
    if (key == "built_by") return text_in(facts->lineage.built_by);
    if (key == "training_data") return text_in(facts->lineage.training_data);
    return std::nullopt;
  }
};

struct ModelRow final : search::Row {
  ModelRow(const Tables& tables_, const ports::ModelRecord& record_) : tables(tables_), record(record_) {}

  std::optional<double> number(const Field& field) const override {
    if (field.part != Part::Attribute) return std::nullopt;
    if (field.key == "created") return milliseconds(record.created_at);
    if (field.key == "last") return static_cast<double>(record.last_version);
    if (field.key != "changed") return std::nullopt;
    double latest = std::max(milliseconds(record.created_at), milliseconds(record.annotations.changed_at));
    for (const auto& [key, stored] : tables.versions) {
      if (stored.record.name != record.name) continue;
      latest = std::max(latest, milliseconds(VersionRow(tables, stored.record).changed()));
    }
    return latest;
  }
  std::optional<std::string_view> text(const Field& field) const override {
    if (field.part == Part::Tag) return text_at(record.annotations.tags, field.key);
    if (field.part == Part::Attribute && field.key == "name") return record.name.text();
    if (field.part == Part::Attribute && field.key == "description") return text_in(record.annotations.description);
    return std::nullopt;
  }
  std::vector<std::string> texts(const Field& field) const override {
    std::vector<std::string> found;
    for (const auto& [key, stored] : tables.aliases) {
      if (field.key == "alias" && stored.record.model == record.name) found.push_back(stored.record.alias.text());
    }
    for (const auto& [key, stored] : tables.desired) {
      const bool is_mine = field.key == "environment" && stored.record.model == record.name;
      if (is_mine) found.push_back(stored.record.environment);
    }
    return found;
  }

  const Tables& tables;
  const ports::ModelRecord& record;
};

template <class T>
struct Candidate {
  search::Position position;
  std::function<T()> read;
};

// Sorts, and takes the page behind the query's position.
template <class T>
ports::FoundPage<T> page_of(std::vector<Candidate<T>> candidates, const search::Query& query) {
  if (query.after) {
    std::erase_if(candidates, [&](const Candidate<T>& candidate) {
      return search::compare(query.order, candidate.position, *query.after) <= 0;
    });
  }
  std::ranges::sort(candidates, [&](const Candidate<T>& a, const Candidate<T>& b) {
    return search::compare(query.order, a.position, b.position) < 0;
  });
  ports::FoundPage<T> page;
  for (const Candidate<T>& candidate : candidates) {
    if (page.rows.size() == query.limit) break;
    page.rows.push_back(candidate.read());
  }
  const bool has_more = candidates.size() > page.rows.size() && !page.rows.empty();
  if (has_more) page.next = candidates[page.rows.size() - 1].position;
  return page;
}

ports::FoundVersion found_version(const VersionRow& row) {
  ports::FoundVersion found{.version = row.version, .size = row.size, .notes = {}, .facts = {}, .aliases = row.aliases};
  found.version.files.clear();
  found.version.manifest.clear();
  if (row.notes) found.notes = *row.notes;
  if (row.facts) found.facts = *row.facts;
  return found;
}

}  // namespace

ports::ModelSummary summary_of(const Tables& tables, const ports::ModelRecord& record) {
  ports::ModelSummary summary{.record = record, .versions = {}, .aliases = {}, .notes = {}, .desired = {}};
  for (const auto& [key, stored] : tables.versions) {
    if (stored.record.name != record.name) continue;
    summary.versions.push_back(stored.record);
    summary.versions.back().files.clear();
    summary.versions.back().manifest.clear();
  }
  for (const auto& [key, stored] : tables.aliases) {
    if (stored.record.model == record.name) summary.aliases.push_back(stored.record);
  }
  for (const auto& [key, stored] : tables.notes) {
    if (stored.record.model == record.name) summary.notes.push_back(stored);
  }
  for (const auto& [key, stored] : tables.desired) {
    if (stored.record.model == record.name) summary.desired.push_back(stored);
  }
  return summary;
}

ports::FoundPage<ports::FoundVersion> search_versions(const Tables& tables, const search::Query& query) {
  std::vector<Candidate<ports::FoundVersion>> candidates;
  for (const auto& [key, stored] : tables.versions) {
    const model::ModelVersion& version = stored.record;
    const VersionRow row(tables, version);
    if (!query.filter.matches(row)) continue;
    candidates.push_back({search::position_of(query.order, row, version.name.text(), version.number),
                          [&tables, &version] { return found_version(VersionRow(tables, version)); }});
  }
  return page_of(std::move(candidates), query);
}

ports::FoundPage<ports::ModelSummary> search_models(const Tables& tables, const search::Query& query) {
  std::vector<Candidate<ports::ModelSummary>> candidates;
  for (const auto& [key, stored] : tables.models) {
    const ports::ModelRecord& record = stored.record;
    const ModelRow row(tables, record);
    if (record.removed || !query.filter.matches(row)) continue;
    candidates.push_back({search::position_of(query.order, row, record.name.text(), 0),
                          [&tables, &record] { return summary_of(tables, record); }});
  }
  return page_of(std::move(candidates), query);
}

}  // namespace slipway::store_memory
