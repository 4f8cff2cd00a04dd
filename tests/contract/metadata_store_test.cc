// The contract of ports/metadata_store.h, row by row, for every store.
#include <gmock/gmock.h>

#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using ports::Change;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class Maker>
class MetadataStoreContract : public ::testing::Test {
 protected:
  ports::MetadataStore& store() { return maker_.get(); }
  void reopen() { maker_.reopen(); }

  void put(ports::Record record, std::uint64_t expected = 0) {
    const auto done = store().commit({{std::move(record), expected}}, {});
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void erase(ports::Record record, std::uint64_t expected) {
    const auto done = store().commit({{std::move(record), expected, true}}, {});
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::string refusal(ports::Record record, std::uint64_t expected, bool erasing = false) {
    const auto done = store().commit({{std::move(record), expected, erasing}}, {});
    if (done.ok()) return "committed";
    return std::string(name_of(done.error().code)) + ": " + done.error().message;
  }
  std::vector<std::string> model_names(std::string_view after, std::size_t limit) {
    std::vector<std::string> names;
    const auto page = store().models(after, limit).value();
    for (const auto& stored : page) names.push_back(stored.record.name.text());
    return names;
  }

  Maker maker_;
};

using Makers = ::testing::Types<MemoryMaker, SqliteMaker, PostgresMaker>;
TYPED_TEST_SUITE(MetadataStoreContract, Makers);

TYPED_TEST(MetadataStoreContract, a_model_is_read_as_it_was_written) {
  this->put(model_record("fraud", 3));
  const auto found = this->store().model(name("fraud")).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record, model_record("fraud", 3));
  EXPECT_EQ(found->revision, 1U);
}

TYPED_TEST(MetadataStoreContract, what_does_not_exist_is_empty_and_no_error) {
  EXPECT_FALSE(this->store().model(name("none")).value());
  EXPECT_FALSE(this->store().version(name("none"), 1).value());
  EXPECT_THAT(this->store().models("", 10).value(), IsEmpty());
  EXPECT_THAT(this->store().versions(name("none")).value(), IsEmpty());
  EXPECT_THAT(this->store().aliases(name("none")).value(), IsEmpty());
  EXPECT_THAT(this->store().desired("").value(), IsEmpty());
  EXPECT_THAT(this->store().entries("production", name("none"), 0, 9).value(), IsEmpty());
  EXPECT_THAT(this->store().history("", 0, 10).value(), IsEmpty());
}

TYPED_TEST(MetadataStoreContract, a_version_keeps_every_field_also_what_was_measured) {
  model::ModelVersion version = version_record("fraud", 2);
  this->put(version);
  version.stage = model::Stage::Validated;
  version.reason.clear();
  version.verification =
      model::Verification{{Duration(3'800), Duration(125)}, true, mebibytes(12), Duration(7'000'000), 4};
  this->put(version, 1);
  const auto found = this->store().version(name("fraud"), 2).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record, version);
  EXPECT_EQ(found->revision, 2U);
}

TYPED_TEST(MetadataStoreContract, summaries_hold_what_belongs_to_each_model_of_the_page) {
  for (const char* model : {"a", "b", "c"}) {
    this->put(model_record(model, 2));
    this->put(version_record(model, 2));
    this->put(version_record(model, 1));
  }
  model::ModelVersion measured = version_record("b", 3);
  measured.stage = model::Stage::Validated;
  measured.verification =
      model::Verification{{Duration(3'800), Duration(125)}, true, mebibytes(12), Duration(7'000'000), 4};
  this->put(measured);
  this->put(ports::AliasRecord{name("b"), alias("champion"), 2});
  this->put(ports::AliasRecord{name("c"), alias("champion"), 1});
  const model::DesiredServing split{"production", name("b"),
                                    model::TrafficSplit::parse({{1, {9'000}}, {2, {1'000}}}).value()};
  this->put(split);
  this->put(desired_record("staging", "b", 2));
  this->put(desired_record("production", "c", 1));

  const auto page = this->store().summaries("a", 1).value();
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].record, model_record("b", 2));
  ASSERT_EQ(page[0].versions.size(), 3U);
  measured.files.clear();
  measured.manifest.clear();
  EXPECT_EQ(page[0].versions[0].number, 1U);
  EXPECT_EQ(page[0].versions[2], measured);
  ASSERT_EQ(page[0].aliases.size(), 1U);
  EXPECT_EQ(page[0].aliases[0].version, 2U);
  ASSERT_EQ(page[0].desired.size(), 2U);
  EXPECT_EQ(page[0].desired[0].record, split);
  EXPECT_EQ(page[0].desired[1].record, desired_record("staging", "b", 2));
  EXPECT_EQ(this->store().summaries("", 10).value().size(), 3U);
  EXPECT_THAT(this->store().summaries("c", 10).value(), IsEmpty());
}

TYPED_TEST(MetadataStoreContract, a_version_is_found_in_each_stage) {
  model::ModelVersion version = version_record("fraud", 1);
  std::uint64_t revision = 0;
  for (const auto stage :
       {model::Stage::Registered, model::Stage::Validated, model::Stage::Rejected, model::Stage::Retired}) {
    version.stage = stage;
    this->put(version, revision++);
    EXPECT_EQ(this->store().version(name("fraud"), 1).value()->record, version) << name_of(stage);
  }
}

TYPED_TEST(MetadataStoreContract, versions_come_in_order_each_with_its_own_files) {
  for (const model::VersionNumber number : {10, 2, 1}) this->put(version_record("fraud", number));
  this->put(version_record("other", 3));
  const auto found = this->store().versions(name("fraud")).value();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].record, version_record("fraud", 1));
  EXPECT_EQ(found[1].record, version_record("fraud", 2));
  EXPECT_EQ(found[2].record, version_record("fraud", 10));
}

TYPED_TEST(MetadataStoreContract, a_version_without_files_has_none) {
  model::ModelVersion version = version_record("fraud", 1);
  version.files.clear();
  this->put(version);
  EXPECT_EQ(this->store().version(name("fraud"), 1).value()->record, version);
}

TYPED_TEST(MetadataStoreContract, a_write_on_a_stale_revision_is_a_conflict_that_names_the_record) {
  this->put(model_record("fraud"));
  this->put(model_record("fraud", 1), 1);
  EXPECT_THAT(this->refusal(model_record("fraud", 2), 1), HasSubstr("Conflict: model \"fraud\": expected revision 1"));
  EXPECT_EQ(this->store().model(name("fraud")).value()->record.last_version, 1U);
}

TYPED_TEST(MetadataStoreContract, creating_what_exists_is_a_conflict) {
  this->put(ports::AliasRecord{name("fraud"), alias("champion"), 1});
  EXPECT_THAT(this->refusal(ports::AliasRecord{name("fraud"), alias("champion"), 2}, 0), HasSubstr("Conflict"));
}

TYPED_TEST(MetadataStoreContract, changing_or_erasing_what_does_not_exist_is_a_conflict) {
  EXPECT_THAT(this->refusal(version_record("fraud", 1), 1), HasSubstr("Conflict"));
  EXPECT_THAT(this->refusal(token_record("t1", "ci"), 1, true), HasSubstr("Conflict"));
}

TYPED_TEST(MetadataStoreContract, one_refused_change_undoes_the_whole_transaction) {
  this->put(model_record("fraud"));
  const auto done = this->store().commit(
      {{version_record("fraud", 1), 0}, {model_record("fraud", 1), 1}, {entry_record("production", "fraud", 1), 7}},
      {event("fraud", "push")});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::Conflict);
  EXPECT_FALSE(this->store().version(name("fraud"), 1).value());
  EXPECT_EQ(this->store().model(name("fraud")).value()->revision, 1U);
  EXPECT_THAT(this->store().history("", 0, 10).value(), IsEmpty());
}

TYPED_TEST(MetadataStoreContract, an_erased_record_is_gone_and_may_be_created_again) {
  this->put(version_record("fraud", 1));
  this->erase(version_record("fraud", 1), 1);
  EXPECT_FALSE(this->store().version(name("fraud"), 1).value());
  this->put(version_record("fraud", 1));
  EXPECT_EQ(this->store().version(name("fraud"), 1).value()->record.files.size(), 2U);
}

TYPED_TEST(MetadataStoreContract, models_are_paged_in_order_of_their_bytes) {
  for (const char* text : {"é", "a b", "B", "a", "日本語", "🙂", "a.b"}) this->put(model_record(text));
  EXPECT_THAT(this->model_names("", 100), ElementsAre("B", "a", "a b", "a.b", "é", "日本語", "🙂"));
  EXPECT_THAT(this->model_names("a", 2), ElementsAre("a b", "a.b"));
  EXPECT_THAT(this->model_names("é", 2), ElementsAre("日本語", "🙂"));
  EXPECT_THAT(this->model_names("🙂", 2), IsEmpty());
}

TYPED_TEST(MetadataStoreContract, paging_over_many_models_meets_each_once) {
  std::vector<Change> changes;
  for (int i = 0; i < 500; ++i) changes.push_back({model_record("model-" + std::to_string(1000 + i)), 0});
  ASSERT_TRUE(this->store().commit(changes, {}).ok());
  std::vector<std::string> seen;
  for (auto page = this->model_names("", 37); !page.empty(); page = this->model_names(seen.back(), 37)) {
    seen.insert(seen.end(), page.begin(), page.end());
  }
  EXPECT_EQ(seen.size(), 500U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TYPED_TEST(MetadataStoreContract, a_removed_model_is_left_out_of_the_list_but_keeps_its_numbers) {
  auto record = model_record("fraud", 7);
  record.removed = true;
  this->put(record);
  EXPECT_THAT(this->model_names("", 10), IsEmpty());
  EXPECT_EQ(this->store().model(name("fraud")).value()->record, record);
}

TYPED_TEST(MetadataStoreContract, names_that_differ_in_case_or_form_are_different_models) {
  this->put(model_record("café"));          // é as one character
  this->put(model_record("cafe\xCC\x81"));  // é as two
  this->put(model_record("CAFÉ"));
  EXPECT_EQ(this->model_names("", 10).size(), 3U);
}

TYPED_TEST(MetadataStoreContract, aliases_belong_to_their_model) {
  this->put(ports::AliasRecord{name("fraud"), alias("production"), 2});
  this->put(ports::AliasRecord{name("fraud"), alias("champion"), 1});
  this->put(ports::AliasRecord{name("other"), alias("champion"), 9});
  const auto found = this->store().aliases(name("fraud")).value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].record, (ports::AliasRecord{name("fraud"), alias("champion"), 1}));
  EXPECT_EQ(found[1].record.version, 2U);
}

TYPED_TEST(MetadataStoreContract, desired_serving_is_listed_by_environment_and_by_model) {
  this->put(desired_record("staging", "fraud", 2));
  this->put(desired_record("production", "wine", 1));
  this->put(desired_record("production", "fraud", 1));
  const auto production = this->store().desired("production").value();
  ASSERT_EQ(production.size(), 2U);
  EXPECT_EQ(production[0].record, desired_record("production", "fraud", 1));
  EXPECT_EQ(production[1].record, desired_record("production", "wine", 1));
  EXPECT_EQ(this->store().desired("").value().size(), 3U);
  const auto fraud = this->store().desired_of(name("fraud")).value();
  ASSERT_EQ(fraud.size(), 2U);
  EXPECT_EQ(fraud[1].record, desired_record("staging", "fraud", 2));
}

TYPED_TEST(MetadataStoreContract, a_split_keeps_its_shares_in_their_order) {
  const model::DesiredServing canary{"production", name("fraud"),
                                     model::TrafficSplit::parse({{9, {1}}, {2, {9'999}}, {5, {0}}}).value()};
  this->put(canary);
  EXPECT_EQ(this->store().desired("production").value()[0].record, canary);
}

TYPED_TEST(MetadataStoreContract, a_split_keeps_by_what_requests_are_assigned) {
  model::DesiredServing canary = desired_record("production", "fraud", 2);
  canary.assignment = {.unit = {model::UnitSource::Kind::Input, "who"},
                       .experiment = "canary of 2",
                       .control = 1,
                       .conditions = {{"x-tenant", "acme"}}};
  this->put(canary);
  EXPECT_EQ(this->store().desired("production").value()[0].record, canary);
}

TYPED_TEST(MetadataStoreContract, a_split_keeps_where_requests_are_mirrored_to) {
  model::DesiredServing shadow{"production", name("fraud"),
                               model::TrafficSplit::parse({{1, {10'000}}, {2, {}}}).value()};
  shadow.mirror.emplace(model::Mirror{2, {2'500}});
  this->put(shadow);
  this->reopen();
  EXPECT_EQ(this->store().desired("production").value()[0].record, shadow);
  shadow.mirror.reset();
  this->put(shadow, 1);
  EXPECT_EQ(this->store().desired("production").value()[0].record, shadow);
}

TYPED_TEST(MetadataStoreContract, revisions_of_desired_serving_go_on_after_an_erase) {
  this->put(desired_record("production", "fraud", 1));
  this->put(desired_record("production", "fraud", 2), 1);
  this->erase(desired_record("production", "fraud", 2), 2);
  EXPECT_THAT(this->store().desired("").value(), IsEmpty());
  EXPECT_THAT(this->refusal(desired_record("production", "fraud", 3), 2), HasSubstr("Conflict"));
  this->reopen();
  this->put(desired_record("production", "fraud", 3), 0);
  EXPECT_EQ(this->store().desired("production").value()[0].revision, 3U);
}

TYPED_TEST(MetadataStoreContract, serving_entries_come_newest_first_and_are_paged) {
  for (std::uint64_t number = 1; number <= 12; ++number) this->put(entry_record("production", "fraud", number));
  this->put(entry_record("staging", "fraud", 40));
  const auto newest = this->store().entries("production", name("fraud"), 0, 2).value();
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].record, entry_record("production", "fraud", 12));
  EXPECT_EQ(newest[1].record.number, 11U);
  EXPECT_EQ(this->store().entries("production", name("fraud"), 11, 1).value()[0].record.number, 10U);
  EXPECT_THAT(this->store().entries("production", name("fraud"), 1, 5).value(), IsEmpty());
}

TYPED_TEST(MetadataStoreContract, tokens_are_listed_by_name_and_gone_when_erased) {
  auto expiring = token_record("t2", "alice");
  expiring.expires_at = at(99);
  expiring.scope = {
      .models = {access::NamePattern::parse("team-a-*").value(), access::NamePattern::parse("é b").value()},
      .permissions = {access::Permission::Deploy, access::Permission::Predict},
      .environments = {"staging"}};
  this->put(token_record("t1", "robot"));
  this->put(expiring);
  const auto both = this->store().tokens().value();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].record, expiring);
  EXPECT_EQ(both[1].record, token_record("t1", "robot"));
  this->erase(expiring, 1);
  EXPECT_EQ(this->store().tokens().value().size(), 1U);
}

TYPED_TEST(MetadataStoreContract, two_tokens_share_neither_name_nor_secret) {
  this->put(token_record("t1", "robot"));
  EXPECT_THAT(this->refusal(token_record("t2", "robot"), 0), HasSubstr("Conflict: a token named \"robot\""));
  auto twin = token_record("t3", "twin");
  twin.hash = token_record("t1", "robot").hash;
  EXPECT_THAT(this->refusal(twin, 0), HasSubstr("Conflict: another token has the same secret"));
}

TYPED_TEST(MetadataStoreContract, history_is_newest_first_numbered_from_one_without_gaps) {
  for (const char* action : {"push", "validate", "deploy"}) {
    ASSERT_TRUE(this->store().commit({}, {event("fraud", action)}).ok());
    ASSERT_FALSE(this->store().commit({{model_record("none"), 5}}, {event("fraud", "lost")}).ok());
  }
  const auto events = this->store().history("", 0, 10).value();
  ASSERT_EQ(events.size(), 3U);
  auto expected = event("fraud", "deploy");
  expected.sequence = 3;
  expected.hash = model::chained(expected, events[1].hash);
  EXPECT_EQ(events[0], expected);
  EXPECT_EQ(events[1].sequence, 2U);
  EXPECT_EQ(events[2].action, "push");
}

TYPED_TEST(MetadataStoreContract, history_is_of_one_model_below_a_sequence_up_to_a_limit) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(this->store().commit({}, {event("fraud", "push"), event("wine", "push")}).ok());
  }
  const auto page = this->store().history("wine", 8, 2).value();
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].sequence, 6U);
  EXPECT_EQ(page[1].sequence, 4U);
  EXPECT_EQ(this->store().history("", 3, 10).value().size(), 2U);
}

TYPED_TEST(MetadataStoreContract, each_event_is_chained_to_the_one_before_also_over_a_restart) {
  ASSERT_TRUE(this->store().commit({}, {event("fraud", "push"), event("fraud", "validate")}).ok());
  this->reopen();
  ASSERT_TRUE(this->store().commit({}, {event("wine", "push")}).ok());
  const auto trail = this->store().trail(0, 10).value();
  ASSERT_EQ(trail.size(), 3U);
  Digest previous;
  for (const model::Event& event : trail) {
    EXPECT_EQ(event.hash, model::chained(event, previous)) << event.sequence;
    previous = event.hash;
  }
}

TYPED_TEST(MetadataStoreContract, the_trail_is_oldest_first_above_a_sequence_up_to_a_limit) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(this->store().commit({}, {event("fraud", "push")}).ok());
  const auto page = this->store().trail(2, 2).value();
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].sequence, 3U);
  EXPECT_EQ(page[1].sequence, 4U);
  EXPECT_THAT(this->store().trail(5, 10).value(), IsEmpty());
  EXPECT_THAT(this->store().trail(99, 10).value(), IsEmpty());
}

TYPED_TEST(MetadataStoreContract, signed_heads_are_kept_in_order_and_never_changed) {
  for (const std::uint64_t sequence : {40, 7, 12}) this->put(head_record(sequence));
  EXPECT_THAT(this->refusal(head_record(12), 0), HasSubstr("Conflict: the head of event 12"));
  EXPECT_THAT(this->store().heads(7, 10).value(), ElementsAre(head_record(12), head_record(40)));
  this->reopen();
  EXPECT_THAT(this->store().heads(0, 1).value(), ElementsAre(head_record(7)));
}

TYPED_TEST(MetadataStoreContract, everything_is_there_after_a_restart) {
  this->put(model_record("日本語", 1));
  this->put(version_record("日本語", 1));
  this->put(desired_record("production", "日本語", 1));
  this->put(token_record("t1", "robot"));
  ASSERT_TRUE(this->store().commit({}, {event("日本語", "push")}).ok());
  this->reopen();
  EXPECT_EQ(this->store().version(name("日本語"), 1).value()->record, version_record("日本語", 1));
  EXPECT_EQ(this->store().desired("production").value()[0].record, desired_record("production", "日本語", 1));
  EXPECT_EQ(this->store().tokens().value()[0].record, token_record("t1", "robot"));
  EXPECT_EQ(this->store().history("日本語", 0, 1).value()[0].action, "push");
}

}  // namespace
}  // namespace slipway::contract
