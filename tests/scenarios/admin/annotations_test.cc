#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;

const std::string kModel = "/api/v1/models/{model}/annotations";
const std::string kVersion = "/api/v1/models/{model}/versions/{version}/annotations";

class AnnotationRoutes : public AdminHouse {
 protected:
  void SetUp() override {
    AdminHouse::SetUp();
    push_upload("|weights", {{"name", "fraud"}});
  }
  Answered patch(const std::string& pattern, std::vector<std::string> parameters, const std::string& body) {
    return call({.method = net::Method::Patch, .pattern = pattern, .parameters = std::move(parameters), .body = body});
  }
};

TEST_F(AnnotationRoutes, what_is_not_named_stays_and_a_tag_of_null_goes) {
  patch(kModel, {"fraud"}, R"({"description": "scores", "tags": {"team": "risk", "draft": "yes"}})");
  const auto answer = patch(kModel, {"fraud"}, R"({"tags": {"draft": null, "tier": "1"}})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("description":"scores","tags":{"team":"risk","tier":"1"})"));
  EXPECT_EQ(get(kModel, {"fraud"}).body, answer.body);
}

TEST_F(AnnotationRoutes, a_version_is_written_about_by_compare_and_set) {
  EXPECT_THAT(get(kVersion, {"fraud", "1"}).body, HasSubstr(R"("changed_at":null,"revision":0)"));
  EXPECT_EQ(patch(kVersion, {"fraud", "1"}, R"({"description": "a", "expected": 0})").status, 200);
  const auto late = patch(kVersion, {"fraud", "1"}, R"({"description": "b", "expected": 0})");
  EXPECT_EQ(late.status, 409);
  EXPECT_THAT(late.body, HasSubstr("expected revision 0, found 1"));
  EXPECT_THAT(get(kVersion, {"fraud", "1"}).body, HasSubstr(R"("description":"a")"));
}

TEST_F(AnnotationRoutes, refusals_name_what_is_at_fault) {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"tags": ["a"]})", "tags: expected an object of strings"},
      {R"({"tags": {"team": 3}})", "tags.team: expected a string, found 3"},
      {R"({"tags": {"": "x"}})", "expected a key of at least one character"},
      {R"({"description": ")" + std::string(5'001, 'x') + "\"}", "description: expected at most 5000 bytes"},
      {R"({"stage": "x"})", "expected keys out of description, tags, expected, reason"},
      {R"({"expected": -1})", "expected: expected a whole number"}};
  for (const auto& [body, message] : rows) {
    const auto answer = patch(kModel, {"fraud"}, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr(message)) << body;
  }
}

TEST_F(AnnotationRoutes, what_is_not_there_is_404) {
  EXPECT_EQ(get(kModel, {"absent"}).status, 404);
  EXPECT_EQ(get(kVersion, {"fraud", "2"}).status, 404);
  EXPECT_EQ(patch(kModel, {"absent"}, "{}").status, 404);
  EXPECT_EQ(patch(kVersion, {"fraud", "2"}, "{}").status, 404);
}

}  // namespace
}  // namespace slipway::admin_scenarios
