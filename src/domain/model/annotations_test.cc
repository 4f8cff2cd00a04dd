#include "domain/model/annotations.h"

#include <gmock/gmock.h>

namespace slipway::model {
namespace {

using ::testing::HasSubstr;

VersionNotes notes() {
  return {.model = ModelName::parse("fraud").value(),
          .version = 1,
          .annotations = {},
          .stage_label = {},
          .source = {},
          .run_id = {},
          .run_link = {}};
}

std::string refusal(const Result<void>& checked) {
  return checked.ok() ? "fine" : std::string(name_of(checked.error().code)) + ": " + checked.error().message;
}

TEST(Annotations, at_every_limit_they_are_taken) {
  VersionNotes full = notes();
  full.annotations.description.assign(kLongestDescription, 'd');
  for (std::size_t i = 0; i < kMostTags; ++i) {
    std::string key = std::to_string(i);
    key.resize(kLongestTagKey, 'k');
    full.annotations.tags[key].assign(kLongestTagValue, 'v');
  }
  full.stage_label.assign(kLongestStageLabel, 's');
  full.source.assign(kLongestSource, 's');
  full.run_id.assign(kLongestRunId, 'r');
  full.run_link.assign(kLongestSource, 'l');
  EXPECT_EQ(refusal(check(full)), "fine");
}

TEST(Annotations, one_beyond_a_limit_is_refused_by_name) {
  const auto with = [](auto change) {
    VersionNotes changed = notes();
    change(changed);
    return refusal(check(changed));
  };
  EXPECT_THAT(with([](auto& n) { n.annotations.description.assign(kLongestDescription + 1, 'd'); }),
              HasSubstr("InvalidInput: description: expected at most 5000 bytes, found 5001"));
  EXPECT_THAT(with([](auto& n) { n.annotations.tags[std::string(kLongestTagKey + 1, 'k')] = ""; }),
              HasSubstr("tag key: expected at most 250 bytes"));
  EXPECT_THAT(with([](auto& n) { n.annotations.tags["team"].assign(kLongestTagValue + 1, 'v'); }),
              HasSubstr("tag \"team\": expected at most 5000 bytes"));
  EXPECT_THAT(with([](auto& n) {
                for (std::size_t i = 0; i <= kMostTags; ++i) n.annotations.tags[std::to_string(i)] = "";
              }),
              HasSubstr("tags: expected at most 200, found 201"));
  EXPECT_THAT(with([](auto& n) { n.source.assign(kLongestSource + 1, 's'); }), HasSubstr("source: expected at most"));
}

TEST(Annotations, text_that_no_store_could_give_back_is_refused) {
  EXPECT_THAT(refusal(check_tag("", "x")), HasSubstr("expected a key of at least one character"));
  EXPECT_THAT(refusal(check_tag("a\nb", "x")), HasSubstr("characters that print"));
  EXPECT_THAT(refusal(check_tag("team", std::string_view("a\0b", 3))), HasSubstr("without NUL"));
  EXPECT_THAT(refusal(check_tag("team", "\xFF")), HasSubstr("valid UTF-8"));
  EXPECT_EQ(refusal(check_tag("équipe", "zwei\nZeilen\t")), "fine");
}

}  // namespace
}  // namespace slipway::model
