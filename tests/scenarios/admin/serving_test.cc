#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;
using State = ports::ServedState::State;

const std::string kServing = "/api/v1/serving";
const std::string kOne = kServing + "/{model}";

class Serving : public AdminHouse {
 protected:
  void SetUp() override {
    AdminHouse::SetUp();
    for (const char* content : {"one", "two", "three"}) push_upload("|" + std::string(content), {{"name", "fraud"}});
  }
};

TEST_F(Serving, deploys_a_version_an_alias_or_the_newest_validated) {
  EXPECT_THAT(put(kOne, {"fraud"}, R"({"version": 1})").body, HasSubstr("\"split\":[{\"version\":1,\"share\":10000}]"));
  ASSERT_TRUE(registry->set_alias(name("fraud"), alias("champion"), 2, {}, eva).ok());
  EXPECT_THAT(put(kOne, {"fraud"}, R"({"alias": "champion"})").body, HasSubstr("\"version\":2"));
  EXPECT_THAT(put(kOne, {"fraud"}, "").body, HasSubstr("\"version\":3"));
}

TEST_F(Serving, says_by_what_requests_are_assigned_and_keeps_it_for_the_next_split) {
  const std::string rule =
      R"("assignment":{"unit":"input:who","experiment":"canary","control":1,"only":[{"header":"x-tenant","equals":"acme"},)"
      R"({"equals":"shop"}],"override_needs":"write-registry"})";
  const auto answer =
      put(kOne, {"fraud"}, R"({"split":[{"version":1,"share":9000},{"version":2,"share":1000}],)" + rule + "}");
  EXPECT_THAT(answer.body, HasSubstr(rule));
  EXPECT_THAT(put(kOne, {"fraud"}, R"({"split":[{"version":1,"share":8000},{"version":2,"share":2000}]})").body,
              HasSubstr(rule));
  EXPECT_THAT(put(kOne, {"fraud"}, R"({"version":2})").body, HasSubstr("\"control\":null"));
  EXPECT_THAT(put(kOne, {"fraud"}, R"({"version":2,"assignment":{}})").body,
              HasSubstr("\"unit\":\"header:x-slipway-unit\""));
}

TEST_F(Serving, an_assignment_that_cannot_be_is_refused_by_name) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"unit":"shoe"})", "assignment.unit: expected header:NAME"},
      {R"({"unit":"header:X-Unit"})", "assignment: unit.header: expected a header's name"},
      {R"({"control":7})", "control: expected a version of the split"},
      {R"({"only":[{"header":"x-tenant"}]})", "assignment: only[0].equals: expected 1 to 256 bytes"},
      {R"({"override_needs":"luck"})", "assignment.override_needs: expected a permission"},
      {R"({"colour":"blue"})", "colour"},
      {R"("always")", "assignment: expected an object"},
  };
  for (const auto& [rule, expected] : rows) {
    const auto answer = put(kOne, {"fraud"}, std::string(R"({"version":1,"assignment":)") + rule + "}");
    EXPECT_EQ(answer.status, 400) << rule;
    EXPECT_THAT(answer.body, HasSubstr(expected));
  }
}

TEST_F(Serving, mirrors_to_a_version_until_a_deployment_says_nothing_of_it) {
  const auto answer = put(kOne, {"fraud"}, R"({"version":1,"mirror":{"to":2,"share":2500}})");
  EXPECT_THAT(answer.body, HasSubstr(R"("split":[{"version":1,"share":10000},{"version":2,"share":0}])"));
  EXPECT_THAT(answer.body, HasSubstr(R"("mirror":{"to":2,"share":2500})"));
  EXPECT_THAT(get("/api/v1/history").body, HasSubstr("version 2 at 0 %, 25 % mirrored to version 2"));
  EXPECT_THAT(put(kOne, {"fraud"}, R"({"version":1,"mirror":{"to":3}})").body,
              HasSubstr(R"("mirror":{"to":3,"share":10000})"));
  EXPECT_THAT(put(kOne, {"fraud"}, R"({"version":1})").body, HasSubstr("\"mirror\":null"));
}

TEST_F(Serving, a_mirror_that_cannot_be_is_refused_by_name) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({})", "mirror.to: expected a version of 1 or more, found none"},
      {R"({"to":0})", "mirror.to: expected a version of 1 or more"},
      {R"({"to":2,"share":0})", "mirror.share: expected 1 to 10000 basis points, found 0"},
      {R"({"to":2,"share":10001})", "mirror.share: expected 1 to 10000 basis points, found 10001"},
      {R"({"to":1})", "mirror.to: expected another version than the one that answers, found version 1"},
      {R"({"at":2})", "mirror"},
      {R"("2")", "mirror: expected an object"},
  };
  for (const auto& [mirror, expected] : rows) {
    const auto answer = put(kOne, {"fraud"}, std::string(R"({"version":1,"mirror":)") + mirror + "}");
    EXPECT_EQ(answer.status, 400) << mirror;
    EXPECT_THAT(answer.body, HasSubstr(expected));
  }
  EXPECT_EQ(put(kOne, {"fraud"}, R"({"version":1,"mirror":{"to":9}})").status, 404);
}

TEST_F(Serving, splits_traffic_by_basis_points) {
  const auto answer = put(kOne, {"fraud"}, R"({"split": [{"version": 1, "share": 9999}, {"version": 2, "share": 1}]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("split":[{"version":1,"share":9999},{"version":2,"share":1}])"));
}

TEST_F(Serving, refuses_what_does_not_add_up_and_says_where) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"version": 1, "alias": "a"})", "expected one of version, alias and split, found 2"},
      {R"({"version": 0})", "version: expected a version of 1 or more"},
      {R"({"split": []})", ""},
      {R"({"split": [{"version": 1, "share": 5000}]})", "sum to 10000"},
      {R"({"split": [{"version": 1, "share": 10001}]})", "split[0].share: expected 0 to 10000"},
      {R"({"split": [{"share": 10000}]})", "split[0].version: expected a version"},
      {R"({"split": [{"version": 1, "share": 10000, "weight": 1}]})", "split[0]: expected keys out of version, share"},
      {R"({"split": [1]})", "split[0]: expected an object, found 1"},
      {R"({"split": {"version": 1}})", "split: expected an array of objects, found an object"},
      {R"({"alias": "a:b"})", ""},
  };
  for (const auto& [body, expected] : table) {
    const auto answer = put(kOne, {"fraud"}, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr(expected)) << body;
  }
}

TEST_F(Serving, a_lost_race_is_409) {
  EXPECT_EQ(put(kOne, {"fraud"}, R"({"version": 1, "expected_revision": 0})").status, 200);
  EXPECT_EQ(put(kOne, {"fraud"}, R"({"version": 2, "expected_revision": 0})").status, 409);
}

TEST_F(Serving, tells_how_its_versions_stand_in_its_own_environment_only) {
  put(kOne, {"fraud"}, R"({"version": 1})");
  predictor.states = {{"fraud", 1, State::Unavailable, "no memory"}, {"other", 1, State::Ready, ""}};
  const std::string own = get(kOne, {"fraud"}).body;
  EXPECT_THAT(own, HasSubstr(R"("states":[{"model":"fraud","version":1,"state":"unavailable","reason":"no memory"}])"));
  call({.method = net::Method::Put, .pattern = kOne, .parameters = {"fraud"}, .query = {{"environment", "staging"}}});
  EXPECT_THAT(get(kOne, {"fraud"}, {{"environment", "staging"}}).body, HasSubstr("\"states\":[]"));
  EXPECT_EQ(get(kServing, {}, {{"environment", "No!"}}).status, 400);
}

TEST_F(Serving, rolls_back_and_stops) {
  live(1);
  live(2);
  EXPECT_THAT(post(kOne + "/rollback", {"fraud"}, R"({"reason": "wrong"})").body, HasSubstr("\"version\":1"));
  EXPECT_EQ(post(kOne + "/rollback", {"fraud"}, "").status, 409);
  EXPECT_EQ(remove(kOne, {"fraud"}).status, 204);
  EXPECT_EQ(get(kOne, {"fraud"}).status, 404);
  EXPECT_THAT(get(kServing).body, HasSubstr("\"serving\":[]"));
}

TEST_F(Serving, history_tells_who_and_why_in_pages) {
  put(kOne, {"fraud"}, R"({"version": 1, "reason": "because \u001b[31m"})");
  const auto newest = get("/api/v1/history", {}, {{"limit", "1"}, {"model", "fraud"}});
  EXPECT_THAT(newest.body, testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(newest.body, testing::Not(HasSubstr("\"next\":null")));
  const auto all = get("/api/v1/history", {}, {{"model", "fraud"}});
  EXPECT_THAT(all.body, HasSubstr("\"actor\":\"eva\""));
  EXPECT_THAT(all.body, HasSubstr("\"next\":null"));
  EXPECT_EQ(get("/api/v1/history", {}, {{"before", "x"}}).status, 400);
}

}  // namespace
}  // namespace slipway::admin_scenarios
