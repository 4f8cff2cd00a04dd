// How long a search takes among 100,000 versions in SQLite: the first page of 100, each asked 20 times.
//   search_bench FOLDER [VERSIONS]     FOLDER: on the disk in question; a database is made there and removed
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "adapter/store_sqlite/sqlite_store.h"
#include "domain/search/registry_fields.h"

namespace {

using namespace slipway;  // NOLINT: a program of one file
using SteadyTime = std::chrono::steady_clock;

constexpr model::VersionNumber kOfEachModel = 1'000;
constexpr int kTimes = 20;

template <class T>
T need(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

void add_version(std::vector<ports::Change>& changes, const model::ModelName& name, model::VersionNumber number,
                 std::uint64_t count) {
  model::ModelVersion version{
      .name = name, .number = number, .manifest = std::string(2'000, 'm'), .created_by = "bench"};
  version.stage = count % 3 == 0 ? model::Stage::Registered : model::Stage::Validated;
  version.created_at = WallTime(WallTime::duration(static_cast<std::int64_t>(count * 7'919 % 1'000'003) * 1'000'000));
  version.digest = sha256(as_bytes(std::to_string(count)));
  ports::VersionFacts facts{.model = name, .version = number, .format = "onnx", .lineage = {}};
  facts.lineage.metrics = {{"auc", static_cast<double>(count * 31 % 10'007) / 10'007.0}, {"loss", 1.0}, {"f1", 0.5}};
  facts.lineage.parameters = {{"depth", std::to_string(count % 10)}, {"rate", "0.1"}};
  facts.lineage.data = {{"train", "sha256:" + std::to_string(count % 500)}};
  model::VersionNotes notes{.model = name, .version = number, .annotations = {}};
  notes.annotations.tags = {{"team", "team " + std::to_string(count % 50)}};
  changes.push_back({std::move(version), 0});
  changes.push_back({std::move(facts), 0});
  changes.push_back({std::move(notes), 0});
  if (number % 100 == 0) {
    const auto alias = need(model::Alias::parse(number == kOfEachModel ? "champion" : "a" + std::to_string(number)));
    changes.push_back({ports::AliasRecord{name, alias, number}, 0});
  }
}

void fill(store_sqlite::SqliteStore& store, std::uint64_t versions) {
  for (std::uint64_t count = 0; count < versions;) {
    const auto name = need(model::ModelName::parse("model " + std::to_string(count / kOfEachModel)));
    std::vector<ports::Change> changes = {{ports::ModelRecord{.name = name, .last_version = kOfEachModel}, 0}};
    for (model::VersionNumber number = 1; number <= kOfEachModel && count < versions; ++number, ++count) {
      add_version(changes, name, number, count);
    }
    const auto done = store.commit(changes, {});
    if (!done.ok()) need<int>(done.error());
  }
}

void measure(store_sqlite::SqliteStore& store, const std::string& filter, std::vector<std::string> order) {
  const auto query =
      need(search::parse_query("versions", {filter, order, "", 100}, search::kVersionRules, search::kVersionRules));
  std::vector<double> times;
  std::size_t rows = 0;
  for (int i = 0; i < kTimes; ++i) {
    const auto start = SteadyTime::now();
    rows = need(store.search_versions(query)).rows.size();
    times.push_back(std::chrono::duration<double, std::milli>(SteadyTime::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%8.1f ms (worst %.1f)  %3zu rows  %s%s%s\n", times[kTimes / 2], times.back(), rows, filter.c_str(),
              order.empty() ? "" : " ORDER BY ", order.empty() ? "" : order.front().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: search_bench FOLDER [VERSIONS]\n");
    return 2;
  }
  const std::uint64_t versions = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  const std::string folder = std::string(argv[1]) + "/search-bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto store = need(store_sqlite::SqliteStore::open(folder + "/registry.db"));
  fill(*store, versions);
  measure(*store, "", {});
  measure(*store, "", {"created DESC"});
  measure(*store, "", {"metrics.auc DESC"});
  measure(*store, "", {"author"});
  measure(*store, "name = 'model 7' AND stage = 'validated'", {"version DESC"});
  measure(*store, "name LIKE 'model 7%'", {"changed DESC"});
  measure(*store, "alias = 'champion'", {"metrics.auc DESC"});
  measure(*store, "tags.team = 'team 7'", {"created DESC"});
  measure(*store, "metrics.auc >= 0.999", {});
  measure(*store, "metrics.auc >= 0.5 AND params.depth = '3'", {"metrics.auc DESC"});
  measure(*store, "data = 'sha256:77' AND stage = 'validated'", {"created DESC"});
  measure(*store, "metrics.auc < 0.5 AND metrics.loss > 2", {});
  measure(*store, "stage = 'retired'", {"created"});
  measure(*store, "environment = 'production'", {});
  store.reset();
  std::filesystem::remove_all(folder);
}
