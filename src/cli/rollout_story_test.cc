#include "cli/rollout_story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/rollout_sample.h"

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

Story sample(const RolloutSample& told = {}) {
  return read_story(told.rollout(), {RolloutSample::decisions()});
}

TEST(RolloutStory, tells_in_plain_words_what_was_asked_what_happened_and_why) {
  const std::string text = story_text(sample({.state = "aborted", .holding = ""}), 80);
  EXPECT_THAT(text, HasSubstr("rollout 7 of fraud in production: aborted\n"));
  EXPECT_THAT(text, HasSubstr("version 4 of fraud should take over from version 3 in production."));
  EXPECT_THAT(text, HasSubstr("Planned in 3 steps: 1 %, 50 % (after an approval), 100 %."));
  EXPECT_THAT(text, HasSubstr("2026-11-22 10:00:00  queued, 0 % to the candidate [ann]: started by ann: new features"));
  EXPECT_THAT(text, HasSubstr("Why it went back\n  Version 3 has all traffic: version 4 does harm."));
  EXPECT_THAT(text, HasSubstr("Evidence that version 4 does harm: [#############-------] 8 of 20"));
}

TEST(RolloutStory, of_one_that_goes_on_says_what_it_waits_for) {
  const std::string text = story_text(sample(), 80);
  EXPECT_THAT(text, HasSubstr("Why it stands where it does\n  the step lasts 3m more."));
  EXPECT_THAT(text, HasSubstr("Evidence that errors is no worse: "));
  EXPECT_THAT(text, HasSubstr("not shown yet"));
  EXPECT_THAT(text, HasSubstr("Missing: errors: about 900 more requests"));
}

TEST(RolloutStory, draws_the_evidence_against_its_bar_and_the_weights) {
  const auto charts = story_charts(sample());
  ASSERT_EQ(charts.size(), 2u);
  EXPECT_EQ(charts[0].lines[0].points.back(), (std::pair<double, double>{60, 2.0794}));
  EXPECT_EQ(charts[0].bars[0].first, "rolls back");
  EXPECT_EQ(charts[1].lines[0].points.back(), (std::pair<double, double>{60, 1.0}));
}

TEST(RolloutStory, a_page_holds_what_came_from_outside_as_text) {
  const Story story = sample({.holding = "<img src=x onerror=alert(1)> & \\\"more\\\""});
  const std::string page = story_page(story);
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;more&quot;"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(RolloutStory, knows_about_how_long_a_step_still_takes) {
  EXPECT_EQ(step_eta(sample()), 180.0);
  EXPECT_EQ(step_eta(sample({.state = "applying"})), std::nullopt);
  Story story = sample();
  story.evidence[0].missing_seconds = 1'000;
  EXPECT_EQ(step_eta(story), 1'000.0);
  story.evidence[0].missing_seconds.reset();
  EXPECT_EQ(step_eta(story), std::nullopt);
  EXPECT_THAT(standing_text(sample(), 80), HasSubstr("this step takes about 3 min more"));
  EXPECT_THAT(standing_text(sample(), 80), HasSubstr("\n  missing: errors: about 900 more requests\n"));
}

TEST(RolloutStory, says_of_how_many_predictions_the_outcome_is_known_by_version) {
  Story story = sample();
  EXPECT_TRUE(join_texts(story).empty());
  story.arms = {{3, 900, {{"label", 450}, {"cost", 0}}}, {4, 100, {{"label", 0}, {"cost", 0}}}};
  EXPECT_THAT(join_texts(story),
              testing::ElementsAre("labels known: version 3 450 of 900 (50 %), version 4 0 of 100 (0 %)"));
  EXPECT_THAT(story_text(story, 80), HasSubstr("Outcomes: labels known: version 3 450 of 900"));
  EXPECT_THAT(standing_text(story, 80), HasSubstr("  labels known: version 3 450 of 900"));
}

TEST(RolloutStory, of_one_that_is_over_knows_what_its_last_decision_was_made_of) {
  std::string rollout = RolloutSample{.state = "aborted", .holding = ""}.rollout();
  const std::size_t from = rollout.find("\"evidence\":["), to = rollout.find("\"curve\"");
  rollout.replace(from, to - from, "\"evidence\":[],");
  std::string decisions = RolloutSample::decisions();
  const std::string kept =
      R"({\"candidates\":[{\"version\":4,\"verdict\":\"fail\",\"reason\":\"errors is worse\",\"log_harm\":3.5,\"harm_bar\":2.9957,)"
      R"(\"holds\":[],\"findings\":[{\"metric\":\"errors\",\"log_harm\":3.5,\"harm_bar\":2.9957,\"log_safe\":null,\"safe_bar\":2.9957,\"power\":0.1}]}]})";
  decisions.replace(decisions.find("\"evidence\":\"\""), 13, "\"evidence\":\"" + kept + "\"");
  const Story story = read_story(rollout, {decisions});
  ASSERT_EQ(story.evidence.size(), 1u);
  EXPECT_THAT(story_text(story, 80), HasSubstr("33.12 of 20, reached: it had to stay below"));
}

TEST(RolloutStory, without_evidence_says_so) {
  Story story = sample();
  story.evidence.clear();
  story.curve.clear();
  EXPECT_THAT(story_text(story, 80), HasSubstr("No evidence is known for it"));
  EXPECT_EQ(story_charts(story).size(), 1u);
}

}  // namespace
}  // namespace slipway::cli
