#include "cli/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

Chart sample() {
  return {"evidence of harm", {{"ln E", '*', {{0, 0}, {50, 1}, {100, 4}}}}, {{"rolls back", 3}}, 0, 4, false};
}

TEST(Chart, as_text_shows_its_line_its_bar_and_its_axes) {
  EXPECT_EQ(chart_text(sample(), 40, 5),
            "evidence of harm\n"
            "        4|                           ***\n"
            "        3|- - - - - - - - - - - ***** -\n"
            "         |                 *****\n"
            "         |        *********\n"
            "        0|********\n"
            "         +------------------------------\n"
            "          0                        100 s\n"
            "          * ln E   - rolls back\n");
}

TEST(Chart, no_line_of_text_is_wider_than_asked) {
  Chart chart = sample();
  chart.lines[0].points.emplace_back(1e9, std::numeric_limits<double>::infinity());
  chart.lines[0].points.emplace_back(2e9, -7);
  const std::string text = chart_text(chart, 60, 8);
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) EXPECT_LE(text.find('\n', at) - at, 60u);
}

TEST(Chart, without_points_is_an_empty_one) {
  EXPECT_THAT(chart_text({"nothing yet", {{"ln E", '*', {}}}, {}, 0, 0, false}, 10, 1), HasSubstr("nothing yet"));
  EXPECT_THAT(charts_svg({}), HasSubstr("</svg>"));
}

TEST(Chart, a_stepped_line_holds_its_value) {
  const Chart chart{"weight", {{"candidate", '#', {{0, 0}, {100, 10}}}}, {}, 0, 10, true};
  const std::string text = chart_text(chart, 41, 3);
  EXPECT_EQ(std::count(text.begin(), text.end(), '#'), 31 + 1) << text;
}

TEST(Chart, as_svg_is_one_document_in_which_names_are_only_text) {
  Chart chart = sample();
  chart.title = "<script>alert(1)</script>";
  chart.lines[0].name = "a\"b&c";
  chart.bars[0].first = "</svg><b>";
  const std::string svg = charts_svg({chart, sample()});
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_THAT(svg, Not(HasSubstr("<b>")));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(svg, HasSubstr("height=\"520\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_EQ(svg.find("</svg>"), svg.rfind("</svg>"));
}

TEST(Chart, times_are_told_in_the_unit_that_people_use) {
  EXPECT_EQ(shown_seconds(0), "0 s");
  EXPECT_EQ(shown_seconds(119.2), "120 s");
  EXPECT_EQ(shown_seconds(150), "2.5 min");
  EXPECT_EQ(shown_seconds(9'000), "2.5 h");
  EXPECT_EQ(shown_seconds(864'000), "10 d");
  EXPECT_EQ(shown_seconds(-1), "?");
}

}  // namespace
}  // namespace slipway::cli
