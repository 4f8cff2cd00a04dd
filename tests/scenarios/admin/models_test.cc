#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kModel = "/api/v1/models/{model}";
const std::string kVersion = kModel + "/versions/{version}";
const std::string kAlias = kModel + "/aliases/{alias}";

class Models : public AdminHouse {};

TEST_F(Models, are_listed_in_pages) {
  for (const char* name : {"a", "b", "c"}) push_upload("|" + std::string(name), {{"name", name}});
  const auto first = get("/api/v1/models", {}, {{"limit", "2"}});
  EXPECT_THAT(first.body, HasSubstr("\"next\":\"b\""));
  const auto second = get("/api/v1/models", {}, {{"limit", "2"}, {"after", "b"}});
  EXPECT_THAT(second.body, HasSubstr("\"name\":\"c\""));
  EXPECT_THAT(second.body, HasSubstr("\"next\":null"));
}

// More of them than a search is narrowed to.
TEST_F(Models, are_listed_by_name_to_whoever_is_limited_to_very_many) {
  constexpr int kVeryMany = 1'001;
  for (int i = 0; i < kVeryMany; ++i) {
    ASSERT_TRUE(registry->create_model(name("m" + std::to_string(10'000 + i)), {}, eva).ok());
  }
  const access::Scope scope{
      .models = {access::NamePattern::parse("m*").value()}, .permissions = {}, .environments = {}};
  Call list{
      .pattern = "/api/v1/models", .query = {{"limit", "1000"}}, .scope = std::make_shared<const access::Scope>(scope)};
  const auto first = call(list);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_THAT(first.body, HasSubstr("\"next\":\"m10999\""));
  list.query["after"] = "m10999";
  const auto rest = call(list);
  EXPECT_THAT(rest.body, HasSubstr("\"name\":\"m11000\""));
  EXPECT_THAT(rest.body, HasSubstr("\"next\":null"));
  list.query = {{"filter", "name LIKE 'm%'"}};
  EXPECT_EQ(call(list).status, 403) << "that is a search";
}

TEST_F(Models, and_their_versions_are_searched_page_by_page) {
  for (const char* name : {"a", "b", "c"}) push_upload("|" + std::string(name), {{"name", name}});
  const auto models = get("/api/v1/models", {}, {{"filter", "name != 'b'"}, {"order_by", "name DESC"}, {"limit", "1"}});
  EXPECT_EQ(models.status, 200) << models.body;
  EXPECT_THAT(models.body, HasSubstr("\"name\":\"c\""));
  const std::string filter = "metrics.auc >= 0.75 AND stage = 'validated'";
  const auto first = get("/api/v1/versions", {}, {{"filter", filter}, {"limit", "2"}});
  EXPECT_THAT(first.body, HasSubstr("\"auc\":0.75"));
  const std::size_t at = first.body.find("\"next_page_token\":\"") + 19;
  const std::string token = first.body.substr(at, first.body.find('"', at) - at);
  const auto second = get("/api/v1/versions", {}, {{"filter", filter}, {"limit", "2"}, {"page_token", token}});
  EXPECT_THAT(second.body, HasSubstr("\"model\":\"c\""));
  EXPECT_THAT(second.body, HasSubstr("\"next_page_token\":null"));
}

TEST_F(Models, a_search_that_cannot_be_read_is_refused_with_its_place) {
  const auto answer = get("/api/v1/versions", {}, {{"filter", "stage = 'x' OR name = 'y'"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("expected AND or the end, found \\\"OR\\\" at 12"));
  EXPECT_EQ(get("/api/v1/versions", {}, {{"page_token", "1"}}).status, 400);
  EXPECT_EQ(get("/api/v1/models", {}, {{"after", "a"}, {"filter", "name = 'a'"}}).status, 400);
}

TEST_F(Models, a_page_of_the_wrong_size_is_refused) {
  for (const char* limit : {"0", "-1", "1001", "two", "1e3", "99999999999999999999"}) {
    const auto answer = get("/api/v1/models", {}, {{"limit", limit}});
    EXPECT_EQ(answer.status, 400) << limit;
    EXPECT_THAT(answer.body, HasSubstr("?limit=: expected")) << limit;
  }
}

TEST_F(Models, a_version_shows_its_files_manifest_and_verification) {
  push_upload("|weights", {{"name", "fraud"}});
  const auto answer = get(kVersion, {"fraud", "1"});
  EXPECT_EQ(answer.status, 200);
  for (const char* part : {"\"path\":\"model.onnx\"", "\"golden_checked\":3", "\"features\":[\"age\",\"in\\ncome\"]",
                           "\"shape\":[-1,2]", "\"auc\":0.75", "\"created_by\":\"eva\""}) {
    EXPECT_THAT(answer.body, HasSubstr(part));
  }
}

TEST_F(Models, a_versions_files_come_back) {
  push_upload("|weights", {{"name", "fraud"}});
  const auto answer = get(kVersion + "/files/{path...}", {"fraud", "1", "model.onnx"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "weights");
  EXPECT_EQ(get(kVersion + "/files/{path...}", {"fraud", "1", "../model.onnx"}).status, 404);
  EXPECT_EQ(get(kVersion + "/files/{path...}", {"fraud", "2", "model.onnx"}).status, 404);
}

TEST_F(Models, a_version_shows_its_card_and_what_it_leaves_out) {
  push_upload("|# Owner\nEva", {{"name", "fraud"}});
  push_upload("|weights", {{"name", "fraud"}});
  const auto answer = get(kVersion + "/card", {"fraud", "1"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("source":"MODEL_CARD.md","markdown":"# Owner\nEva")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("sections":{"owner":"Eva"},"missing":["intended use",)"));
  EXPECT_THAT(get(kVersion + "/card", {"fraud", "2"}).body, HasSubstr("\"source\":null"));
  EXPECT_EQ(get(kVersion + "/card", {"fraud", "3"}).status, 404);
}

TEST_F(Models, a_version_shows_where_it_comes_from) {
  push_upload("|weights", {{"name", "fraud"}});
  const auto answer = get(kVersion + "/lineage", {"fraud", "1"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("versions":[{"model":"fraud","version":1,"present":true,)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("metrics":{"auc":0.75})"));
  EXPECT_EQ(get(kVersion + "/lineage", {"fraud", "2"}).status, 404);
}

TEST_F(Models, what_is_not_there_is_404_and_names_it) {
  EXPECT_EQ(get(kModel, {"absent"}).status, 404);
  EXPECT_THAT(get(kModel, {"absent"}).body, HasSubstr("absent"));
  push_upload("|weights", {{"name", "fraud"}});
  EXPECT_EQ(get(kVersion, {"fraud", "7"}).status, 404);
  EXPECT_EQ(get(kAlias, {"fraud", "champion"}).status, 404);
}

TEST_F(Models, a_name_or_version_that_cannot_be_is_400) {
  for (const char* name : {"a/b", "a:b", "\x01", "\xff", ""}) EXPECT_EQ(get(kModel, {name}).status, 400) << name;
  for (const char* version : {"0", "01", "-1", "x", "", "1.0", "99999999999999999999"}) {
    EXPECT_EQ(get(kVersion, {"fraud", version}).status, 400) << version;
  }
}

TEST_F(Models, an_alias_moves_by_compare_and_set) {
  push_upload("|one", {{"name", "fraud"}});
  push_upload("|two", {{"name", "fraud"}});
  EXPECT_EQ(put(kAlias, {"fraud", "champion"}, R"({"version": 1, "expected": 0})").status, 200);
  EXPECT_EQ(put(kAlias, {"fraud", "champion"}, R"({"version": 2, "expected": 2})").status, 409);
  EXPECT_EQ(put(kAlias, {"fraud", "champion"}, R"({"version": 2, "expected": 1})").status, 200);
  EXPECT_THAT(get(kAlias, {"fraud", "champion"}).body, HasSubstr("\"version\":2"));
  EXPECT_EQ(remove(kAlias, {"fraud", "champion"}).status, 204);
  EXPECT_EQ(remove(kAlias, {"fraud", "champion"}).status, 404);
}

TEST_F(Models, a_version_verified_again_says_how_it_went) {
  probe.answer("late", Verdict::Inconclusive, "the backend is missing");
  EXPECT_THAT(push_upload("|late", {{"name", "fraud"}}).body, HasSubstr("the backend is missing"));
  probe.answer("late", Verdict::Passed, "");
  const auto answer = post(kVersion + "/verify", {"fraud", "1"}, "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"stage\":\"validated\""));
}

TEST_F(Models, a_version_is_retired_unless_something_serves_it) {
  push_upload("|one", {{"name", "fraud"}});
  push_upload("|two", {{"name", "fraud"}});
  live(1);
  EXPECT_EQ(post(kVersion + "/retire", {"fraud", "1"}, "{}").status, 409);
  const auto answer = post(kVersion + "/retire", {"fraud", "2"}, R"({"reason": "leaked labels"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"stage\":\"retired\",\"reason\":\"leaked labels\""));
  EXPECT_EQ(put(kAlias, {"fraud", "champion"}, R"({"version": 2})").status, 409);
  EXPECT_EQ(post(kVersion + "/retire", {"fraud", "3"}, "{}").status, 404);
}

TEST_F(Models, get_another_name_with_all_that_is_theirs) {
  push_upload("|one", {{"name", "fraud"}});
  put(kAlias, {"fraud", "champion"}, R"({"version": 1})");
  const auto answer = post(kModel + "/rename", {"fraud"}, R"({"name": "card-fraud", "reason": "one of each kind"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("\"name\":\"card-fraud\""));
  EXPECT_THAT(answer.body, HasSubstr("champion"));
  EXPECT_EQ(get(kModel, {"fraud"}).status, 404);
  EXPECT_THAT(get("/api/v1/history", {}, {{"model", "card-fraud"}}).body, HasSubstr("one of each kind"));
  EXPECT_EQ(post(kModel + "/rename", {"card-fraud"}, R"({"name": "fraud"})").status, 409) << "its numbers were given";
}

TEST_F(Models, that_are_served_keep_their_name) {
  push_upload("|one", {{"name", "fraud"}});
  live(1);
  const auto answer = post(kModel + "/rename", {"fraud"}, R"({"name": "card-fraud"})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("undeploy it first"));
}

TEST_F(Models, get_no_name_that_is_none_or_taken) {
  push_upload("|one", {{"name", "fraud"}});
  push_upload("|two", {{"name", "risk"}});
  EXPECT_THAT(post(kModel + "/rename", {"fraud"}, "{}").body, HasSubstr("name: expected the name that the model gets"));
  EXPECT_EQ(post(kModel + "/rename", {"fraud"}, R"({"name": "a/b"})").status, 400);
  EXPECT_EQ(post(kModel + "/rename", {"fraud"}, R"({"name": "risk"})").status, 409);
  EXPECT_EQ(post(kModel + "/rename", {"absent"}, R"({"name": "new"})").status, 404);
}

TEST_F(Models, are_deleted_unless_something_serves_them) {
  push_upload("|one", {{"name", "fraud"}});
  push_upload("|two", {{"name", "fraud"}});
  live(1);
  EXPECT_EQ(remove(kVersion, {"fraud", "1"}).status, 409);
  EXPECT_EQ(remove(kVersion, {"fraud", "2"}).status, 204);
  EXPECT_EQ(remove(kModel, {"fraud"}).status, 409);
  ASSERT_TRUE(registry->undeploy("production", name("fraud"), eva).ok());
  EXPECT_EQ(remove(kModel, {"fraud"}).status, 204);
  EXPECT_THAT(get("/api/v1/models").body, Not(HasSubstr("fraud")));
}

}  // namespace
}  // namespace slipway::admin_scenarios
