// The contract of ports/metadata_store.h for what is kept about models and versions: annotations, evidence, approvals.
#include <gmock/gmock.h>

#include "metadata_stores.h"

namespace slipway::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

model::VersionNotes notes_record(std::string_view of, model::VersionNumber number) {
  return {.model = name(of),
          .version = number,
          .annotations = {.description = "trained on\nNovember's rows ✓",
                          .tags = {{"team", "risk"}, {"Team", ""}, {"équipe", "'; DROP TABLE model --"}},
                          .changed_at = at(21)},
          .stage_label = "Production",
          .source = "runs:/abc/model",
          .run_id = "abc",
          .run_link = "https://tracking/abc"};
}

ports::EvidenceRecord evidence_record(std::string_view of, model::VersionNumber number, std::uint64_t sequence) {
  const std::string body = "{\"gate\": " + std::to_string(sequence) + "}";
  return {.model = name(of),
          .version = number,
          .sequence = sequence,
          .plan = sha256(as_bytes("plan")),
          .verdict = model::Verdict::Inconclusive,
          .created_at = at(31),
          .actor = "eva",
          .body = body,
          .body_digest = sha256(as_bytes(body))};
}

ports::ApprovalRecord approval_record(std::string_view id, model::VersionNumber number, std::int64_t when) {
  return {.id = std::string(id),
          .model = name("fraud"),
          .version = number,
          .version_digest = sha256(as_bytes("version")),
          .environment = "production",
          .evidence = sha256(as_bytes("evidence")),
          .principal = "adam",
          .at = at(when),
          .expires_at = {},
          .reason = "looks right",
          .revoked = false};
}

template <class Maker>
class MetadataNotes : public ::testing::Test {
 protected:
  ports::MetadataStore& store() { return maker_.get(); }
  void reopen() { maker_.reopen(); }
  std::string written(ports::Record record, std::uint64_t expected = 0, bool erase = false) {
    const auto done = store().commit({{std::move(record), expected, erase}}, {});
    return done.ok() ? "committed" : std::string(name_of(done.error().code)) + ": " + done.error().message;
  }
  std::vector<model::VersionNumber> noted(std::optional<model::VersionNumber> version) {
    std::vector<model::VersionNumber> numbers;
    const auto found = store().notes(name("fraud"), version).value();
    for (const auto& stored : found) numbers.push_back(stored.record.version);
    return numbers;
  }

  Maker maker_;
};

using Makers = ::testing::Types<MemoryMaker, SqliteMaker, PostgresMaker>;
TYPED_TEST_SUITE(MetadataNotes, Makers);

TYPED_TEST(MetadataNotes, a_model_keeps_its_annotations_through_changes_and_a_restart) {
  ports::ModelRecord record = model_record("fraud");
  record.annotations = notes_record("fraud", 1).annotations;
  ASSERT_EQ(this->written(record), "committed");
  record.last_version = 1;
  record.annotations.tags.erase("Team");
  ASSERT_EQ(this->written(record, 1), "committed");
  this->reopen();
  EXPECT_EQ(this->store().model(name("fraud")).value()->record, record);
  EXPECT_EQ(this->store().models("", 10).value()[0].record, record);
  EXPECT_EQ(this->store().summaries("", 10).value()[0].record, record);
}

TYPED_TEST(MetadataNotes, each_model_of_a_page_has_its_own_tags) {
  for (const char* text : {"a", "b", "c"}) {
    ports::ModelRecord record = model_record(text);
    record.annotations.tags = {{"name", text}, {std::string("only ") + text, ""}};
    if (record.name.text() == "b") record.annotations.tags.clear();
    ASSERT_EQ(this->written(record), "committed");
  }
  const auto page = this->store().models("", 10).value();
  ASSERT_EQ(page.size(), 3U);
  EXPECT_EQ(page[0].record.annotations.tags.at("name"), "a");
  EXPECT_THAT(page[1].record.annotations.tags, IsEmpty());
  EXPECT_EQ(page[2].record.annotations.tags.at("name"), "c");
  EXPECT_EQ(page[2].record.annotations.tags.size(), 2U);
}

TYPED_TEST(MetadataNotes, notes_are_read_as_they_were_written) {
  ASSERT_EQ(this->written(notes_record("fraud", 2)), "committed");
  auto changed = notes_record("fraud", 2);
  changed.annotations.tags["team"] = "fraud";
  changed.stage_label = "Archived";
  ASSERT_EQ(this->written(changed, 1), "committed");
  this->reopen();
  const auto found = this->store().notes(name("fraud"), 2).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].record, changed);
  EXPECT_EQ(found[0].revision, 2U);
}

TYPED_TEST(MetadataNotes, notes_are_of_one_version_or_of_all_in_order) {
  for (const model::VersionNumber number : {10, 2, 1}) {
    ASSERT_EQ(this->written(notes_record("fraud", number)), "committed");
  }
  ASSERT_EQ(this->written(notes_record("wine", 2)), "committed");
  EXPECT_THAT(this->noted({}), ElementsAre(1U, 2U, 10U));
  EXPECT_THAT(this->noted(2), ElementsAre(2U));
  EXPECT_THAT(this->noted(3), IsEmpty());
  const auto found = this->store().notes(name("fraud"), std::nullopt).value();
  EXPECT_EQ(found[2].record, notes_record("fraud", 10));
}

TYPED_TEST(MetadataNotes, summaries_hold_the_notes_of_their_models) {
  for (const char* text : {"a", "b", "c"}) ASSERT_EQ(this->written(model_record(text)), "committed");
  ASSERT_EQ(this->written(notes_record("b", 2)), "committed");
  ASSERT_EQ(this->written(notes_record("b", 1)), "committed");
  ASSERT_EQ(this->written(notes_record("c", 1)), "committed");
  const auto page = this->store().summaries("a", 1).value();
  ASSERT_EQ(page.size(), 1U);
  ASSERT_EQ(page[0].notes.size(), 2U);
  EXPECT_EQ(page[0].notes[1].record, notes_record("b", 2));
}

TYPED_TEST(MetadataNotes, notes_on_a_stale_revision_are_a_conflict_and_erased_ones_are_gone) {
  ASSERT_EQ(this->written(notes_record("fraud", 1)), "committed");
  EXPECT_THAT(this->written(notes_record("fraud", 1), 0),
              HasSubstr("Conflict: notes on version 1 of model \"fraud\": expected revision 0, found 1"));
  ASSERT_EQ(this->written(notes_record("fraud", 1), 1, true), "committed");
  EXPECT_THAT(this->noted({}), IsEmpty());
  ASSERT_EQ(this->written(notes_record("fraud", 1)), "committed");
}

TYPED_TEST(MetadataNotes, notes_stay_when_their_version_changes) {
  ASSERT_EQ(this->written(version_record("fraud", 1)), "committed");
  ASSERT_EQ(this->written(notes_record("fraud", 1)), "committed");
  ASSERT_EQ(this->written(version_record("fraud", 1), 1), "committed");
  EXPECT_THAT(this->noted(1), ElementsAre(1U));
}

TYPED_TEST(MetadataNotes, evidence_of_a_version_comes_newest_first) {
  for (const std::uint64_t sequence : {1, 2, 3}) {
    ASSERT_EQ(this->written(evidence_record("fraud", 1, sequence)), "committed");
  }
  ASSERT_EQ(this->written(evidence_record("fraud", 2, 1)), "committed");
  this->reopen();
  const auto newest = this->store().evidence(name("fraud"), 1, 0, 2).value();
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].record, evidence_record("fraud", 1, 3));
  EXPECT_EQ(newest[1].record, evidence_record("fraud", 1, 2));
  EXPECT_EQ(this->store().evidence(name("fraud"), 1, 2, 2).value().at(0).record, evidence_record("fraud", 1, 1));
  EXPECT_THAT(this->store().evidence(name("fraud"), 1, 1, 2).value(), IsEmpty());
  EXPECT_THAT(this->store().evidence(name("wine"), 1, 0, 2).value(), IsEmpty());
}

TYPED_TEST(MetadataNotes, each_verdict_is_kept) {
  std::uint64_t sequence = 0;
  for (const auto verdict : {model::Verdict::Pass, model::Verdict::Fail, model::Verdict::Inconclusive}) {
    auto record = evidence_record("fraud", 1, ++sequence);
    record.verdict = verdict;
    ASSERT_EQ(this->written(record), "committed");
    EXPECT_EQ(this->store().evidence(name("fraud"), 1, 0, 1).value()[0].record, record) << name_of(verdict);
  }
}

TYPED_TEST(MetadataNotes, evidence_is_never_changed_or_erased) {
  ASSERT_EQ(this->written(evidence_record("fraud", 1, 1)), "committed");
  EXPECT_THAT(this->written(evidence_record("fraud", 1, 1), 1), HasSubstr("never changed or erased"));
  EXPECT_THAT(this->written(evidence_record("fraud", 1, 1), 1, true), HasSubstr("never changed or erased"));
  EXPECT_THAT(this->written(evidence_record("fraud", 1, 1)), HasSubstr("Conflict: evidence 1 on version 1 of"));
}

TYPED_TEST(MetadataNotes, approvals_of_a_version_come_in_order_of_time_and_can_be_revoked) {
  auto limited = approval_record("b", 1, 50);
  limited.overrides = true;
  limited.expires_at = at(99);
  ASSERT_EQ(this->written(approval_record("a", 1, 70)), "committed");
  ASSERT_EQ(this->written(limited), "committed");
  ASSERT_EQ(this->written(approval_record("c", 2, 10)), "committed");
  limited.revoked = true;
  ASSERT_EQ(this->written(limited, 1), "committed");
  this->reopen();
  const auto found = this->store().approvals(name("fraud"), 1).value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].record, limited);
  EXPECT_EQ(found[0].revision, 2U);
  EXPECT_EQ(found[1].record, approval_record("a", 1, 70));
  EXPECT_THAT(this->written(approval_record("a", 1, 71)), HasSubstr("Conflict: approval \"a\""));
}

TYPED_TEST(MetadataNotes, signatures_of_a_version_come_in_order_of_time_and_stay_as_they_are) {
  const auto signature = [](std::string bundle, std::int64_t when) {
    return ports::SignatureRecord{.model = name("fraud"),
                                  .version = 1,
                                  .digest = sha256(as_bytes(bundle)),
                                  .bundle = bundle,
                                  .attached_by = "eva",
                                  .at = at(when)};
  };
  ASSERT_EQ(this->written(signature("{\"late\": \"\xC3\xA9\"}", 70)), "committed");
  ASSERT_EQ(this->written(signature("{}", 50)), "committed");
  const auto found = this->store().signatures(name("fraud"), 1).value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].record, signature("{}", 50));
  EXPECT_EQ(found[1].record, signature("{\"late\": \"\xC3\xA9\"}", 70));
  EXPECT_EQ(found[1].revision, 1U);
  EXPECT_TRUE(this->store().signatures(name("fraud"), 2).value().empty());
  EXPECT_THAT(this->written(signature("{}", 90)), HasSubstr("Conflict"));
  EXPECT_THAT(this->written(signature("{}", 90), 1), HasSubstr("never changed"));
}

TYPED_TEST(MetadataNotes, evidence_and_approvals_outlive_their_version) {
  ASSERT_EQ(this->written(version_record("fraud", 1)), "committed");
  ASSERT_EQ(this->written(evidence_record("fraud", 1, 1)), "committed");
  ASSERT_EQ(this->written(approval_record("a", 1, 1)), "committed");
  ASSERT_EQ(this->written(version_record("fraud", 1), 1, true), "committed");
  EXPECT_EQ(this->store().evidence(name("fraud"), 1, 0, 9).value().size(), 1U);
  EXPECT_EQ(this->store().approvals(name("fraud"), 1).value().size(), 1U);
}

}  // namespace
}  // namespace slipway::contract
