#include "app/proving/report_drawing.h"

#include <gtest/gtest.h>

namespace slipway::proving {
namespace {

Played played(std::string id, proof::Target target, std::uint32_t rolled_back, std::uint32_t by_pooled_z) {
  Played made;
  made.scenario = {.id = std::move(id), .what = "a < b", .course = {}, .plan = "", .target = target};
  made.scenario.rivals = {{proof::Rival::PooledZ}};
  made.score = {.rollouts = 100, .rolled_back = rolled_back};
  made.score.rivals[0] = by_pooled_z;
  made.score.minutes.assign(rolled_back, 7.25);
  made.score.candidate.assign(rolled_back, 2'000);
  return made;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(ReportDrawing, marks_who_was_wrong) {
  const std::vector<Played> all{played("AA1", {.most_rollbacks = 0.05}, 3, 38)};
  const std::string drawing = drawing_of(all);
  EXPECT_EQ(count(drawing, "<rect class=\"wrong\""), 1U);  // the pooled test
  EXPECT_EQ(count(drawing, "<rect class=\"none\""), 2U);   // nobody asks the sequence of outcomes, or tests by slice
  EXPECT_NE(drawing.find("38 %"), std::string::npos);
  EXPECT_NE(drawing.find("a &lt; b"), std::string::npos);
  EXPECT_EQ(count(drawing, "<circle"), 0U);  // costs need a worse version too
}

TEST(ReportDrawing, calls_nobody_wrong_at_the_margin) {
  const std::vector<Played> all{played("P11b", {.most_rollbacks = 0.05, .most_safe = 0.05}, 3, 100)};
  EXPECT_EQ(count(drawing_of(all), "<rect class=\"wrong\""), 0U);
}

TEST(ReportDrawing, draws_costs_where_both_versions_were_played) {
  const std::vector<Played> all{played("AA1f", {.most_rollbacks = 0.05}, 3, 38),
                                played("P10", {.least_rollbacks = 0.99}, 100, 90)};
  const std::string drawing = drawing_of(all);
  EXPECT_EQ(count(drawing, "<circle"), 7U);
  EXPECT_EQ(count(drawing, "class=\"ours\""), 1U);
  EXPECT_NE(drawing.find("100 %, 7.3 min"), std::string::npos);
}

TEST(ReportDrawing, without_rollouts_is_still_a_drawing) {
  EXPECT_EQ(drawing_of({}).substr(0, 4), "<svg");
}

}  // namespace
}  // namespace slipway::proving
