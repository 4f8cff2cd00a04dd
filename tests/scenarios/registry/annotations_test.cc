// What people write about models and versions: compare-and-set, limits, history, and its end.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AnnotationsOf : public House {
 protected:
  Result<ports::Stored<ports::ModelRecord>> tag_model(const std::string& key, const std::string& value,
                                                      std::optional<std::uint64_t> expected = {}) {
    return registry->annotate(
        name("fraud"),
        [&](model::Annotations& annotations) {
          annotations.tags[key] = value;
          return Result<void>();
        },
        expected, eva);
  }
  Result<ports::Stored<model::VersionNotes>> label(model::VersionNumber number, const std::string& stage,
                                                   std::optional<std::uint64_t> expected = {}) {
    return registry->annotate(
        name("fraud"), number,
        [&](model::VersionNotes& notes) {
          notes.stage_label = stage;
          return Result<void>();
        },
        expected, eva);
  }
};

TEST_F(AnnotationsOf, a_models_tags_survive_the_next_push_and_everything_else_that_rewrites_it) {
  pushed("a");
  ASSERT_TRUE(tag_model("team", "risk").ok());
  pushed("b");
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 2, {}, eva).ok());
  const auto summary = registry->model(name("fraud")).value();
  EXPECT_EQ(summary.record.annotations.tags.at("team"), "risk");
  EXPECT_EQ(summary.record.annotations.changed_at, clock.wall_now());
}

TEST_F(AnnotationsOf, a_version_nobody_wrote_about_has_revision_0_and_gets_1) {
  pushed("a");
  EXPECT_EQ(registry->notes(name("fraud"), 1)->revision, 0U);
  EXPECT_EQ(label(1, "Staging", 0)->revision, 1U);
  EXPECT_EQ(registry->notes(name("fraud"), 1)->record.stage_label, "Staging");
  EXPECT_THAT(message(label(1, "Production", 0)), HasSubstr("expected revision 0, found 1"));
  EXPECT_EQ(outcome(label(2, "Production")), "NotFound");
  EXPECT_EQ(outcome(registry->notes(name("wine"), 1)), "NotFound");
}

TEST_F(AnnotationsOf, a_label_moves_neither_stage_nor_alias_nor_traffic) {
  given_versions(2);
  ASSERT_TRUE(deploy(1, "production").ok());
  const auto before = registry->model(name("fraud")).value();
  ASSERT_TRUE(label(2, "Production").ok());
  const auto after = registry->model(name("fraud")).value();
  EXPECT_EQ(after.versions, before.versions);
  EXPECT_EQ(after.aliases, before.aliases);
  EXPECT_EQ(after.desired[0].revision, before.desired[0].revision);
}

TEST_F(AnnotationsOf, history_tells_what_was_written_about_but_not_the_text) {
  pushed("a");
  ASSERT_TRUE(tag_model("team", "secret").ok());
  const auto events = registry->history("fraud", 0, 1).value();
  EXPECT_EQ(events[0].action, "annotate");
  EXPECT_EQ(events[0].actor, eva.principal);
  EXPECT_EQ(events[0].to, "tag team");
  ASSERT_TRUE(tag_model("team", "secret").ok());  // nothing changes: no event
  EXPECT_EQ(registry->history("fraud", 0, 1).value()[0].sequence, events[0].sequence);
}

TEST_F(AnnotationsOf, what_is_beyond_a_limit_changes_nothing) {
  pushed("a");
  EXPECT_EQ(outcome(tag_model("team", std::string(model::kLongestTagValue + 1, 'v'))), "InvalidInput");
  EXPECT_THAT(registry->model(name("fraud"))->record.annotations.tags, IsEmpty());
}

TEST_F(AnnotationsOf, notes_go_with_their_version_and_all_of_it_with_the_model) {
  given_versions(2);
  ASSERT_TRUE(label(1, "Staging").ok());
  ASSERT_TRUE(label(2, "Staging").ok());
  ASSERT_TRUE(tag_model("team", "risk").ok());
  ASSERT_TRUE(registry->remove_version(name("fraud"), 1, eva).ok());
  EXPECT_EQ(registry->model(name("fraud"))->notes.size(), 1U);
  ASSERT_TRUE(registry->remove_model(name("fraud"), eva).ok());
  pushed("new life");
  const auto summary = registry->model(name("fraud")).value();
  EXPECT_THAT(summary.notes, IsEmpty());
  EXPECT_EQ(summary.record.annotations, model::Annotations{});
}

}  // namespace
}  // namespace slipway::registry_scenarios
