// Where versions come from: their files, cards and parents.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Provenance : public House {
 protected:
  // "fraud:2", or "fraud:2?" where it is not here.
  std::vector<std::string> line_of(model::VersionNumber number) {
    std::vector<std::string> line;
    const auto ancestry = registry->ancestry(name("fraud"), number).value();
    for (const auto& ancestor : ancestry) {
      line.push_back(ancestor.name.text() + ":" + std::to_string(ancestor.number) + (ancestor.version ? "" : "?"));
    }
    return line;
  }
};

TEST_F(Provenance, a_line_goes_from_child_to_parent_across_models) {
  pushed("base", "base");
  pushed("child of base:1");
  pushed("child of 1");
  EXPECT_THAT(line_of(2), ElementsAre("fraud:2", "fraud:1", "base:1"));
  EXPECT_EQ(outcome(registry->ancestry(name("fraud"), 9)), "NotFound");
}

TEST_F(Provenance, a_parent_that_is_not_here_ends_the_line) {
  pushed("child of elsewhere:7");
  EXPECT_THAT(line_of(1), ElementsAre("fraud:1", "elsewhere:7?"));
}

TEST_F(Provenance, a_line_ends_outside_the_limits_of_who_asks_whether_there_is_such_a_parent_or_not) {
  pushed("weights");
  pushed("child of fraud:1", "base");
  pushed("child of base:1");
  pushed("child of base:9");
  const access::Scope scope{.models = {access::NamePattern::parse("fraud").value()}};
  for (const model::VersionNumber child : {2U, 3U}) {
    const auto line = registry->ancestry(name("fraud"), child, &scope).value();
    ASSERT_EQ(line.size(), 2U);
    EXPECT_TRUE(line[0].version.has_value());
    EXPECT_FALSE(line[1].version.has_value());
    EXPECT_TRUE(line[1].lineage.parent.empty());
  }
  EXPECT_THAT(line_of(2), ElementsAre("fraud:2", "base:1", "fraud:1"));
}

TEST_F(Provenance, a_line_that_runs_in_a_circle_ends) {
  pushed("child of 2");
  pushed("child of 1");
  EXPECT_THAT(line_of(1), ElementsAre("fraud:1", "fraud:2"));
  pushed("child of 3");
  EXPECT_THAT(line_of(3), ElementsAre("fraud:3"));
}

TEST_F(Provenance, a_line_has_at_most_64_versions) {
  for (int i = 0; i < 70; ++i) pushed("child of " + std::to_string(i));
  EXPECT_EQ(line_of(70).size(), 64U);
}

TEST_F(Provenance, the_card_is_the_packages_file) {
  pushed("# Owner\nEva");
  const auto card = registry->card(name("fraud"), 1).value();
  EXPECT_EQ(card.source, "MODEL_CARD.md");
  EXPECT_EQ(card.markdown, "# Owner\nEva");
  pushed("none");
  EXPECT_EQ(registry->card(name("fraud"), 2)->source, "");
}

TEST_F(Provenance, a_file_is_read_up_to_a_limit_and_only_as_it_was_stored) {
  pushed("# Owner");
  EXPECT_EQ(as_text(registry->read_file(name("fraud"), 1, "model.onnx", Bytes{7}).value()), "# Owner");
  EXPECT_THAT(message(registry->read_file(name("fraud"), 1, "model.onnx", Bytes{6})), HasSubstr("expected at most 6"));
  EXPECT_EQ(outcome(registry->read_file(name("fraud"), 1, "../model.onnx", Bytes{7})), "NotFound");
  artifacts.damage(sha256(as_bytes("# Owner")));
  EXPECT_EQ(outcome(registry->card(name("fraud"), 1)), "Corrupt");
}

}  // namespace
}  // namespace slipway::registry_scenarios
