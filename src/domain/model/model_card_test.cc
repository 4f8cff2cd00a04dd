#include "domain/model/model_card.h"

#include <gmock/gmock.h>

namespace slipway::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(ModelCard, each_heading_has_the_text_under_it) {
  EXPECT_THAT(card_sections("before\n# Owner\n\n Eva \n\n## Intended Use ##\nscores\nrows\n# LIMITS:\n"),
              UnorderedElementsAre(Pair("owner", "Eva\n\nscores\nrows"), Pair("intended use", "scores\nrows"),
                                   Pair("limits", "")));
}

TEST(ModelCard, a_heading_may_be_underlined) {
  EXPECT_THAT(card_sections("Owner\n=====\nEva\nData\n----\nrows\n\n---\nmore"),
              UnorderedElementsAre(Pair("owner", "Eva\n\nrows\n\n---\nmore"), Pair("data", "rows\n\n---\nmore")));
}

TEST(ModelCard, what_looks_like_a_heading_in_a_fenced_block_is_text) {
  EXPECT_THAT(card_sections("# Data\n```\n# Owner\n~~~\n```\n#hashtag\n####### seven\n"),
              ElementsAre(Pair("data", "```\n# Owner\n~~~\n```\n#hashtag\n####### seven")));
}

TEST(ModelCard, a_section_said_twice_has_both_texts) {
  EXPECT_THAT(card_sections("# Data\none\n# Data\ntwo"), ElementsAre(Pair("data", "one\n\ntwo")));
}

TEST(ModelCard, usual_other_names_count) {
  const auto sections = card_sections(
      "# Owners\nx\n# Intended uses\nx\n# Limitations\nx\n# Training data\nx\n# Evaluation\nx\n"
      "# Ethical considerations\nx\n# License\nApache-2.0\r\n");
  EXPECT_THAT(missing_sections(sections), IsEmpty());
  EXPECT_EQ(sections.at("licence"), "Apache-2.0");
}

TEST(ModelCard, a_section_without_text_is_missing) {
  EXPECT_THAT(missing_sections(card_sections("# Owner\n\n# Data\nrows")),
              ElementsAre("owner", "intended use", "limits", "metrics", "ethical notes", "licence"));
  EXPECT_EQ(missing_sections({}).size(), kCardSections.size());
}

TEST(ModelCard, any_text_at_all_is_read) {
  for (const char* text : {"", "#", "# ", "\n", "=", "==", "\n==", "```", "# \n==", "#\n#", "a\n--\n--"}) {
    card_sections(text);
  }
  EXPECT_THAT(card_sections("# \n=="), ElementsAre(Pair("", "==")));
}

}  // namespace
}  // namespace slipway::model
