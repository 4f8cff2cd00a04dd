#include "cli/lineage_drawing.h"

#include <gmock/gmock.h>

namespace slipway::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<LineageNode> kLine = {{"fraud:3", "validated", {{"run", "abc"}, {"data train", "sha256:12"}}},
                                        {"fraud:1", "retired", {}},
                                        {"base:7", "", {}}};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(LineageDrawing, text_goes_from_child_to_parent) {
  EXPECT_EQ(lineage_text(kLine),
            "fraud:3  validated\n"
            "|  run  abc\n"
            "|  data train  sha256:12\n"
            "   from fraud:1  retired\n"
            "      from base:7\n");
}

TEST(LineageDrawing, the_svg_has_a_box_per_version_and_input_and_an_arrow_for_each_that_leads_somewhere) {
  const std::string svg = lineage_svg(kLine);
  EXPECT_EQ(count(svg, "class=\"version\""), 3U);
  EXPECT_EQ(count(svg, "class=\"input\""), 2U);
  EXPECT_EQ(count(svg, "class=\"arrow\""), 4U);
  EXPECT_TRUE(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
}

TEST(LineageDrawing, no_text_becomes_markup) {
  const std::string svg = lineage_svg({{"<script>&\"\x01", "", {{"run", "</text><a>"}}}});
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;&amp;&quot;\\x01"));
  EXPECT_THAT(svg, Not(HasSubstr("<a>")));
}

}  // namespace
}  // namespace slipway::cli
