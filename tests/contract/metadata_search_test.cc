// What stores answer to a search. The memory one goes through rows as domain/search says; every other agrees with it.
#include <gtest/gtest.h>

#include <random>

#include "domain/search/registry_fields.h"
#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using search::Query;

Query versions_query(const search::Asked& asked) {
  auto query = search::parse_query("versions", asked, search::kVersionRules, search::kVersionRules);
  EXPECT_TRUE(query.ok()) << asked.filter << ": " << (query.ok() ? "" : query.error().message);
  return std::move(query).value();
}
Query models_query(const search::Asked& asked) {
  auto query = search::parse_query("models", asked, search::kModelRules, search::kModelRules);
  EXPECT_TRUE(query.ok()) << asked.filter << ": " << (query.ok() ? "" : query.error().message);
  return std::move(query).value();
}

std::string text_of(const ports::FoundVersion& found) {
  return found.version.name.text() + ":" + std::to_string(found.version.number);
}
std::string text_of(const ports::ModelSummary& found) {
  return found.record.name.text();
}

ports::VersionFacts facts_record(std::string_view of, model::VersionNumber number) {
  ports::VersionFacts facts{.model = name(of), .version = number, .format = "onnx", .lineage = {}};
  facts.lineage.metrics = {{"auc", 0.9}, {"loss", -1.5}};
  facts.lineage.parameters = {{"depth", "3"}};
  facts.lineage.data = {{"train", "sha256:aa"}, {"test", "sha256:bb"}};
  facts.lineage.code_commit = "abc";
  facts.lineage.parent = "fraud:1";
  return facts;
}

template <class Maker>
class MetadataSearch : public ::testing::Test {
 protected:
  std::vector<std::string> versions(const std::string& filter, std::vector<std::string> order = {}) {
    const auto page = store().search_versions(versions_query({filter, std::move(order), "", 100}));
    EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message);
    std::vector<std::string> found;
    for (const auto& row : page->rows) found.push_back(text_of(row));
    return found;
  }
  std::vector<std::string> models(const std::string& filter, std::vector<std::string> order = {}) {
    const auto page = store().search_models(models_query({filter, std::move(order), "", 100}));
    EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message);
    std::vector<std::string> found;
    for (const auto& row : page->rows) found.push_back(text_of(row));
    return found;
  }
  void given(const std::vector<ports::Change>& changes) {
    const auto done = store().commit(changes, {});
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void given_two_versions() {
    model::VersionNotes notes{.model = name("fraud"), .version = 2, .annotations = {}};
    notes.annotations.tags = {{"team", "risk"}};
    notes.run_id = "r1";
    given({{model_record("fraud", 2), 0},
           {version_record("fraud", 1), 0},
           {version_record("fraud", 2), 0},
           {facts_record("fraud", 2), 0},
           {notes, 0},
           {ports::AliasRecord{name("fraud"), alias("champion"), 2}, 0},
           {desired_record("production", "fraud", 1), 0}});
  }
  ports::MetadataStore& store() { return maker_.get(); }
  Maker maker_;
};
using Makers = ::testing::Types<MemoryMaker, SqliteMaker, PostgresMaker>;
TYPED_TEST_SUITE(MetadataSearch, Makers);

using Names = std::vector<std::string>;

TYPED_TEST(MetadataSearch, a_version_is_found_by_everything_it_has) {
  this->given_two_versions();
  for (const char* filter :
       {"name = 'fraud' AND version = 2", "alias = 'champion'", "alias IN ('x', 'champion')", "tags.team = 'risk'",
        "metrics.auc >= 0.9", "metrics.loss < 0", "params.depth = '3'", "data = 'sha256:bb'", "commit LIKE 'a_c'",
        "parent ILIKE 'FRAUD%'", "run = 'r1'", "format = 'onnx'", "environment IS NULL", "metrics.auc IS NOT NULL",
        "data != 'sha256:cc'", "alias NOT IN ('x')"}) {
    EXPECT_EQ(this->versions(filter), Names{"fraud:2"}) << filter;
  }
}

TYPED_TEST(MetadataSearch, a_version_without_the_field_is_found_by_null_alone) {
  this->given_two_versions();
  for (const char* filter :
       {"alias IS NULL", "metrics.auc IS NULL", "tags.team IS NULL", "run IS NULL", "environment = 'production'",
        "environment != 'staging'", "memory IS NULL AND version < 2"}) {
    EXPECT_EQ(this->versions(filter), Names{"fraud:1"}) << filter;
  }
  for (const char* filter : {"alias != 'champion'", "tags.team != 'risk'", "metrics.auc != 0.9", "data != 'sha256:aa'",
                             "parent LIKE '%2'", "stage = 'validated'"}) {
    EXPECT_EQ(this->versions(filter), Names{}) << filter;
  }
}

TYPED_TEST(MetadataSearch, what_changes_is_found_as_it_is_now) {
  this->given_two_versions();
  auto validated = version_record("fraud", 1);
  validated.stage = model::Stage::Validated;
  validated.verification = model::Verification{.cost = {Duration(1'500), Duration(1'000)}, .memory = mebibytes(3)};
  this->given({{validated, 1}, {ports::AliasRecord{name("fraud"), alias("champion"), 1}, 1}});
  EXPECT_EQ(this->versions("stage = 'validated' AND latency_us = 2.5"), Names{"fraud:1"});
  EXPECT_EQ(this->versions("alias = 'champion'"), Names{"fraud:1"});
  this->given({{version_record("fraud", 2), 1, true}});
  EXPECT_EQ(this->versions("metrics.auc > 0"), Names{});
  EXPECT_EQ(this->versions(""), Names{"fraud:1"});
  this->given({{version_record("fraud", 2), 0}});
  EXPECT_EQ(this->versions("metrics.auc IS NULL AND version = 2"), Names{"fraud:2"});
}

TYPED_TEST(MetadataSearch, a_found_version_comes_with_what_belongs_to_it) {
  this->given_two_versions();
  const auto page = this->store().search_versions(versions_query({"version = 2", {}, "", 10})).value();
  ASSERT_EQ(page.rows.size(), 1U);
  const ports::FoundVersion& found = page.rows.front();
  EXPECT_EQ(found.facts, facts_record("fraud", 2));
  EXPECT_EQ(found.size, 7U);
  ASSERT_TRUE(found.notes);
  EXPECT_EQ(found.notes->annotations.tags.at("team"), "risk");
  EXPECT_EQ(found.aliases, std::vector<model::Alias>{alias("champion")});
  EXPECT_TRUE(found.version.files.empty());
  EXPECT_EQ(found.version.created_by, "eva");
  EXPECT_FALSE(page.next);
}

TYPED_TEST(MetadataSearch, tags_as_long_as_they_may_be_are_kept_and_found) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::mt19937 random(1);  // what compression makes no shorter
  std::string longest(model::kLongestTagValue, ' ');
  for (char& c : longest) c = kLetters[random() % kLetters.size()];
  const std::string start = longest.substr(0, 900);
  this->given({{model_record("fraud", 2), 0}, {version_record("fraud", 1), 0}, {version_record("fraud", 2), 0}});
  for (const model::VersionNumber version : {1U, 2U}) {
    model::VersionNotes notes{.model = name("fraud"), .version = version, .annotations = {}};
    notes.annotations.tags = {{std::string(model::kLongestTagKey, 'k'), longest},
                              {"note", start + std::to_string(version)}};
    this->given({{notes, 0}});
  }
  EXPECT_EQ(this->versions("tags.note = '" + start + "1'"), Names{"fraud:1"});
  EXPECT_EQ(this->versions("tags.note IN ('x', '" + start + "2')"), Names{"fraud:2"});
  EXPECT_EQ(this->versions("tags.note != '" + start + "2'"), Names{"fraud:1"});
}

TYPED_TEST(MetadataSearch, texts_are_compared_by_their_bytes_whatever_the_language_of_the_store) {
  for (const auto& [model, team] : {std::pair{"a", "\u00c4rger"}, std::pair{"b", "Zoo"}, std::pair{"c", "apfel"}}) {
    auto record = model_record(model);
    record.annotations.tags = {{"team", team}};
    record.annotations.description = team;
    this->given({{record, 0}});
  }
  for (const char* key : {"tags.team", "description"})
    EXPECT_EQ(this->models("", {key}), (Names{"b", "c", "a"})) << key;
  EXPECT_EQ(this->models("tags.team ILIKE '\u00e4%'"), Names{});
  EXPECT_EQ(this->models("tags.team ILIKE '\u00c4RG%'"), Names{"a"});
  EXPECT_EQ(this->models("description ILIKE 'z%'"), Names{"b"});
}

TYPED_TEST(MetadataSearch, facts_are_written_once_and_missing_ones_are_told) {
  this->given_two_versions();
  const auto missing = this->store().without_facts(10).value();
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing.front(), version_record("fraud", 1));
  EXPECT_EQ(this->store().commit({{facts_record("fraud", 2), 0}}, {}).error().code, ErrorCode::Conflict);
  EXPECT_EQ(this->store().commit({{facts_record("fraud", 2), 1}}, {}).error().code, ErrorCode::InvalidInput);
}

TYPED_TEST(MetadataSearch, models_are_found_by_what_they_and_their_versions_have) {
  this->given_two_versions();
  auto wine = model_record("wine");
  wine.annotations.tags = {{"team", "cellar"}};
  auto gone = model_record("gone", 3);
  gone.removed = true;
  this->given({{wine, 0}, {gone, 0}});
  EXPECT_EQ(this->models("", {"name DESC"}), (Names{"wine", "fraud"}));
  EXPECT_EQ(this->models("tags.team LIKE 'cell%'"), Names{"wine"});
  EXPECT_EQ(this->models("alias = 'champion' AND environment = 'production'"), Names{"fraud"});
  EXPECT_EQ(this->models("versions >= 1"), Names{"fraud"});
  EXPECT_EQ(this->models("", {"versions DESC", "created"}), (Names{"fraud", "wine"}));
  const auto page = this->store().search_models(models_query({"name = 'fraud'", {}, "", 1})).value();
  EXPECT_EQ(page.rows.front().versions.size(), 2U);
  EXPECT_EQ(page.rows.front().desired.size(), 1U);
}

// Random registries and searches: the same words asked of both stores.
class Agreement : public ::testing::Test {
 protected:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
  template <std::size_t N>
  std::string one_of(const char* const (&texts)[N]) {
    return texts[below(N)];
  }
  void commit(const std::vector<ports::Change>& changes) {
    ASSERT_TRUE(memory_.get().commit(changes, {}).ok());
    for (ports::MetadataStore* store : {&sqlite_.get(), &postgres_.get()}) {
      const auto done = store->commit(changes, {});
      ASSERT_TRUE(done.ok()) << done.error().message;
    }
  }

  std::string value() { return one_of({"a", "A", "b", "ab", "aé", "é", "50%", "a_b", "", "ü b"}); }
  std::map<std::string, std::string> pairs() {
    std::map<std::string, std::string> made;
    for (const char* key : {"k", "team", "x y"}) {
      if (below(2) == 0) made[key] = value();
    }
    return made;
  }

  void given_models() {
    for (const char* of : {"a", "B", "b", "é", "a b"}) {
      auto record = model_record(of, 6);
      record.created_at = at(static_cast<std::int64_t>(below(4)) * 1'500);
      record.annotations.tags = pairs();
      record.annotations.description = value();
      record.annotations.changed_at = at(static_cast<std::int64_t>(below(4)) * 2'000);
      record.removed = below(6) == 0;
      commit({{record, 0}});
      for (model::VersionNumber number = 1; number <= 6; ++number) {
        if (below(6) != 0) given_version(of, number);
      }
    }
  }
  void given_version(const char* of, model::VersionNumber number) {
    auto version = version_record(of, number);
    version.created_at = at(static_cast<std::int64_t>(below(5)) * 1'000);
    version.created_by = value();
    version.stage = below(2) == 0 ? model::Stage::Registered : model::Stage::Validated;
    if (below(2) == 0) version.verification = model::Verification{.cost = {Duration(below(3) * 700), Duration(1)}};
    std::vector<ports::Change> changes = {{version, 0}};
    if (below(3) != 0) changes.push_back({random_facts(of, number), 0});
    if (below(2) == 0) changes.push_back({random_notes(of, number), 0});
    if (below(3) == 0)
      changes.push_back({ports::AliasRecord{name(of), alias("al" + std::to_string(number)), number}, 0});
    std::shuffle(changes.begin(), changes.end(), random_);
    if (number == 3) changes.push_back({desired_record("production", of, 3), 0});
    if (number == 4) changes.push_back({ports::AliasRecord{name(of), alias("champion"), 4}, 0});
    commit(changes);
  }
  ports::VersionFacts random_facts(const char* of, model::VersionNumber number) {
    ports::VersionFacts facts{.model = name(of), .version = number, .format = value(), .lineage = {}};
    facts.lineage.parameters = pairs();
    for (const auto& [key, text] : pairs()) facts.lineage.data[key] = text;
    if (below(2) == 0) facts.lineage.metrics["k"] = std::numeric_limits<double>::quiet_NaN();
    for (const char* key : {"auc", "team"}) {
      if (below(3) != 0) facts.lineage.metrics[key] = static_cast<double>(below(4)) / 3.0;
    }
    facts.lineage.run_id = value();
    facts.lineage.parent = value();
    return facts;
  }
  model::VersionNotes random_notes(const char* of, model::VersionNumber number) {
    model::VersionNotes notes{.model = name(of), .version = number, .annotations = {}};
    notes.annotations.tags = pairs();
    notes.annotations.description = value();
    notes.annotations.changed_at = at(static_cast<std::int64_t>(below(6)) * 1'000);
    notes.run_id = value();
    notes.source = value();
    return notes;
  }

  std::string text_value() {
    return "'" +
           one_of({"a", "A", "b", "ab", "aé", "%", "a%", "_", "%_b", "é", "al2", "champion", "production", "x''y"}) +
           "'";
  }
  std::string comparison(bool of_versions) {
    const bool is_number = below(3) == 0;
    if (is_number) {
      const std::string field = of_versions ? one_of({"version", "created", "changed", "size", "latency_us", "memory",
                                                      "metrics.auc", "metrics.team", "metrics.k", "metrics.none"})
                                            : one_of({"created", "changed", "versions"});
      if (below(6) == 0) return field + one_of({" IS NULL", " IS NOT NULL"});
      return field + one_of({" = ", " != ", " < ", " <= ", " > ", " >= "}) +
             one_of({"0", "1", "2", "3", "0.5", "1e3", "-1", "0.3333333333333333", "6"});
    }
    const std::string field =
        of_versions
            ? one_of({"name", "stage", "author", "run", "parent", "source", "format", "description", "alias",
                      "environment", "data", "tags.team", "tags.`x y`", "params.k", "model_tags.team", "tags.none"})
            : one_of({"name", "description", "alias", "environment", "tags.team", "tags.k"});
    switch (below(6)) {
      case 0:
        return field + one_of({" IS NULL", " IS NOT NULL"});
      case 1:
        return field + one_of({" IN (", " NOT IN ("}) + text_value() + ", " + text_value() + ")";
      case 2:
        return field + one_of({" LIKE ", " ILIKE "}) + text_value();
      default:
        return field + one_of({" = ", " != "}) + text_value();
    }
  }
  search::Asked asked(bool of_versions) {
    search::Asked made;
    for (std::size_t i = below(3); i > 0; --i) {
      made.filter += (made.filter.empty() ? "" : " AND ") + comparison(of_versions);
    }
    for (std::size_t i = below(4); i > 0; --i) {
      const std::string field =
          of_versions ? one_of({"name", "version", "stage", "created", "changed", "latency_us", "metrics.auc",
                                "metrics.k", "tags.team", "params.k", "model_tags.k", "run", "description"})
                      : one_of({"name", "created", "changed", "versions", "tags.team", "description"});
      made.order_by.push_back(field + one_of({"", " ASC", " DESC"}));
    }
    made.limit = 1 + below(7);
    return made;
  }
  static std::string shown(const search::Asked& asked) {
    std::string text = asked.filter + " ORDER BY ";
    for (const std::string& item : asked.order_by) text += item + ", ";
    return text;
  }

  // Page by page, from SQLite and PostgreSQL in turn, each with the other's token.
  template <class Search>
  Names paged(search::Asked asked, Query (*parse)(const search::Asked&), Search search) {
    Names all;
    for (int pages = 0; pages < 100; ++pages) {
      const Query query = parse(asked);
      const auto expected = search(memory_.get(), query);
      const auto found = search(pages % 2 == 0 ? sqlite_.get() : postgres_.get(), query);
      EXPECT_TRUE(found.ok()) << (found.ok() ? "" : found.error().message);
      if (!found.ok()) return all;
      Names page, expected_page;
      for (const auto& row : found->rows) page.push_back(text_of(row));
      for (const auto& row : expected->rows) expected_page.push_back(text_of(row));
      EXPECT_EQ(page, expected_page) << shown(asked);
      EXPECT_EQ(found->next, expected->next) << shown(asked);
      all.insert(all.end(), page.begin(), page.end());
      if (!found->next || page != expected_page) return all;
      asked.page_token = search::token_of(*found->next, query).value();
    }
    ADD_FAILURE() << "the pages never end: " << shown(asked);
    return all;
  }

  MemoryMaker memory_;
  SqliteMaker sqlite_;
  PostgresMaker postgres_;
  std::mt19937 random_{20'261'122};
};

TEST_F(Agreement, random_searches_of_versions_find_the_same_in_every_store) {
  given_models();
  const auto search = [](ports::MetadataStore& store, const Query& query) { return store.search_versions(query); };
  for (int i = 0; i < 300 && !HasFailure(); ++i) {
    search::Asked some = asked(true);
    const Names all = paged(some, versions_query, search);
    some.limit = 1'000;
    EXPECT_EQ(paged(some, versions_query, search), all) << shown(some);
    EXPECT_EQ(postgres_.get().search_versions(versions_query(some)).value().rows.size(), all.size()) << shown(some);
  }
}

TEST_F(Agreement, random_searches_of_models_find_the_same_in_every_store) {
  given_models();
  const auto search = [](ports::MetadataStore& store, const Query& query) { return store.search_models(query); };
  for (int i = 0; i < 100 && !HasFailure(); ++i) {
    search::Asked some = asked(false);
    const Names all = paged(some, models_query, search);
    some.limit = 1'000;
    EXPECT_EQ(paged(some, models_query, search), all) << shown(some);
  }
}

TEST_F(Agreement, a_page_goes_on_where_the_last_one_ended_though_rows_came_and_went) {
  given_models();
  search::Asked asked{"", {"created DESC"}, "", 4};
  const Query first = versions_query(asked);
  const auto before = sqlite_.get().search_versions(first).value();
  asked.page_token = search::token_of(*before.next, first).value();
  auto early = version_record("a", 7);
  early.created_at = at(9'000'000);
  const auto& last = before.rows.back().version;
  commit({{early, 0}, {version_record(last.name.text(), last.number), 1, true}});
  const auto after = sqlite_.get().search_versions(versions_query(asked)).value();
  for (const auto& row : after.rows) {
    for (const auto& seen : before.rows) EXPECT_NE(text_of(row), text_of(seen));
    EXPECT_NE(text_of(row), "a:7");
  }
}

}  // namespace
}  // namespace slipway::contract
