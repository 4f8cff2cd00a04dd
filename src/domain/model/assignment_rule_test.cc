#include "domain/model/assignment_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::model {
namespace {

using ::testing::HasSubstr;

AssignmentRule full() {
  return {.unit = {UnitSource::Kind::Input, "customer id"},
          .experiment = "canary of 8",
          .control = 7,
          .conditions = {{"x-tenant", "acme west"}, {"", "checkout"}},
          .override_needs = access::Permission::WriteRegistry,
          .slicing = {{{"country", {SliceSource::Kind::Header, "x-country"}, {"DE", "New Zealand"}},
                       {"tier", {SliceSource::Kind::Input, "features", 3}, {"1"}}}}};
}

std::string refusal(const AssignmentRule& rule) {
  const auto checked = check(rule);
  return checked.ok() ? "ok" : checked.error().message;
}

TEST(AssignmentRule, is_stored_as_lines_and_read_back) {
  EXPECT_EQ(text_of(full()),
            "unit input customer id\nexperiment canary of 8\ncontrol 7\nheader x-tenant acme west\n"
            "principal checkout\noverride write-registry\ncolumn country header x-country\nslice DE\n"
            "slice New Zealand\ncolumn tier input features[3]\nslice 1\n");
  EXPECT_EQ(parse_assignment_rule(text_of(full())).value(), full());
  for (const auto kind : {UnitSource::Kind::Parameter, UnitSource::Kind::Principal, UnitSource::Kind::Request}) {
    const AssignmentRule rule{.unit = {kind, ""}, .experiment = {}, .conditions = {}};
    EXPECT_EQ(parse_assignment_rule(text_of(rule)).value(), rule);
  }
}

TEST(AssignmentRule, of_no_text_is_the_default) {
  EXPECT_EQ(text_of(AssignmentRule{}), "");
  EXPECT_EQ(parse_assignment_rule("").value(), AssignmentRule{});
}

TEST(AssignmentRule, names_the_field_that_is_wrong) {
  const auto with = [](auto change) {
    AssignmentRule rule = full();
    change(rule);
    return refusal(rule);
  };
  EXPECT_EQ(refusal(full()), "ok");
  EXPECT_THAT(with([](auto& rule) { rule.unit = {UnitSource::Kind::Header, "X-Unit"}; }),
              HasSubstr("unit.header: expected a header's name of a-z 0-9 - _ ., found \"X-Unit\""));
  EXPECT_THAT(with([](auto& rule) { rule.unit.name.clear(); }), HasSubstr("unit.input: expected 1 to 256 bytes"));
  EXPECT_THAT(with([](auto& rule) { rule.conditions[0].equals = "a\nb"; }), HasSubstr("only[0].equals"));
  EXPECT_THAT(with([](auto& rule) { rule.experiment.assign(257, 'e'); }), HasSubstr("experiment: expected 1 to 256"));
  EXPECT_THAT(with([](auto& rule) { rule.conditions.resize(9, {"h", "v"}); }), HasSubstr("at most 8 conditions"));
}

TEST(AssignmentRule, names_the_line_that_is_none) {
  for (const char* line : {"slice DE", "column country", "column country cookie c", "column c header x",
                           "unit shoe size", "control none", "colour blue", "override everything", "unit header"}) {
    EXPECT_FALSE(parse_assignment_rule(line).ok()) << line;
  }
  EXPECT_THAT(parse_assignment_rule("colour blue\n").error().message, HasSubstr("found \"colour blue\""));
}

}  // namespace
}  // namespace slipway::model
