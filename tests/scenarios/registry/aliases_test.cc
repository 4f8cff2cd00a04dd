// Aliases, references, and the numbers they mean.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::HasSubstr;

class Aliases : public House {
 protected:
  Result<void> set(std::string_view text, model::VersionNumber to, std::optional<model::VersionNumber> expected = {}) {
    return registry->set_alias(name("fraud"), alias(text), to, expected, eva);
  }
};

TEST_F(Aliases, an_alias_points_where_it_was_set) {
  given_versions(2);
  ASSERT_TRUE(set("champion", 1).ok());
  EXPECT_EQ(points_to("champion"), "version 1");
  ASSERT_TRUE(set("champion", 2).ok());
  EXPECT_EQ(points_to("champion"), "version 2");
}

struct Expectation {
  model::VersionNumber now;  // 0: no alias yet
  std::optional<model::VersionNumber> expected;
  const char* outcome;
};

TEST_F(Aliases, an_alias_moves_only_from_where_it_was_expected) {
  given_versions(3);
  const Expectation rows[] = {{0, {}, "ok"}, {0, 0, "ok"},       {0, 1, "Conflict"}, {1, {}, "ok"},
                              {1, 1, "ok"},  {1, 0, "Conflict"}, {1, 2, "Conflict"}};
  for (const Expectation& row : rows) {
    static_cast<void>(registry->remove_alias(name("fraud"), alias("champion"), eva));
    if (row.now != 0) {
      ASSERT_TRUE(set("champion", row.now).ok());
    }
    EXPECT_EQ(outcome(set("champion", 3, row.expected)), row.outcome) << row.now;
  }
}

TEST_F(Aliases, a_conflict_tells_where_the_alias_points) {
  given_versions(2);
  ASSERT_TRUE(set("champion", 1).ok());
  EXPECT_THAT(message(set("champion", 2, 2)), HasSubstr("expected it to point to version 2, found version 1"));
}

TEST_F(Aliases, an_alias_cannot_point_to_what_is_not_there_or_rejected) {
  probe.answer("bad", Verdict::Failed, "no");
  pushed("bad");
  EXPECT_EQ(outcome(set("champion", 7)), "NotFound");
  EXPECT_EQ(outcome(set("champion", 1)), "Conflict");
}

TEST_F(Aliases, a_move_is_in_the_history_with_from_and_to) {
  given_versions(2);
  ASSERT_TRUE(set("champion", 1).ok());
  ASSERT_TRUE(set("champion", 2).ok());
  const auto events = registry->history("fraud", 0, 2).value();
  EXPECT_EQ(events[0].subject, "alias champion");
  EXPECT_EQ(events[0].from, "version 1");
  EXPECT_EQ(events[0].to, "version 2");
  EXPECT_EQ(events[1].from, "");
}

TEST_F(Aliases, setting_an_alias_to_where_it_points_changes_nothing) {
  given_versions(1);
  ASSERT_TRUE(set("champion", 1).ok());
  const auto before = registry->history("", 0, 100).value().size();
  ASSERT_TRUE(set("champion", 1).ok());
  EXPECT_EQ(registry->history("", 0, 100).value().size(), before);
}

TEST_F(Aliases, a_removed_alias_is_not_found) {
  given_versions(1);
  ASSERT_TRUE(set("champion", 1).ok());
  ASSERT_TRUE(registry->remove_alias(name("fraud"), alias("champion"), eva).ok());
  EXPECT_EQ(points_to("champion"), "NotFound");
  EXPECT_EQ(outcome(registry->remove_alias(name("fraud"), alias("champion"), eva)), "NotFound");
}

TEST_F(Aliases, a_bare_name_means_the_newest_validated_version) {
  given_versions(2);
  probe.answer("bad", Verdict::Failed, "no");
  pushed("bad");
  EXPECT_EQ(registry->resolve({name("fraud"), {}}).value(), 2U);
}

TEST_F(Aliases, a_model_without_validated_versions_resolves_to_nothing) {
  probe.answer("bad", Verdict::Failed, "no");
  pushed("bad");
  EXPECT_THAT(message(registry->resolve({name("fraud"), {}})), HasSubstr("none of its 1 versions is validated"));
}

TEST_F(Aliases, a_reference_is_split_unless_the_whole_is_a_models_name) {
  pushed("x", "a@b");
  EXPECT_EQ(registry->parse("a@b")->name.text(), "a@b");
  EXPECT_EQ(registry->parse("c@b")->name.text(), "c");
  EXPECT_EQ(registry->parse("a@b@champion")->name.text(), "a@b");
  EXPECT_EQ(std::get<model::VersionNumber>(registry->parse("fraud:3")->which), 3U);
  EXPECT_EQ(outcome(registry->parse("fraud:0")), "InvalidInput");
}

}  // namespace
}  // namespace slipway::registry_scenarios
