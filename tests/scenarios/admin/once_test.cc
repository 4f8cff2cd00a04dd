// A request with an Idempotency-Key is applied once.
#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kModel = "/api/v1/models/{model}";
const std::string kAlias = kModel + "/aliases/{alias}";
const std::string kTokens = "/api/v1/tokens";

class Once : public AdminHouse {
 protected:
  void SetUp() override {
    AdminHouse::SetUp();
    push_upload("|one", {{"name", "fraud"}});
    push_upload("|two", {{"name", "fraud"}});
  }
  Answered set_alias(const std::string& version, const std::string& key) {
    return call({.method = net::Method::Put,
                 .pattern = kAlias,
                 .parameters = {"fraud", "champion"},
                 .body = "{\"version\": " + version + "}",
                 .headers = {{"idempotency-key", key}}});
  }
  Answered change(net::Method method, const std::string& pattern, std::vector<std::string> parameters,
                  const std::string& body, const std::string& key) {
    return call({.method = method,
                 .pattern = pattern,
                 .parameters = std::move(parameters),
                 .body = body,
                 .headers = {{"idempotency-key", key}}});
  }
  std::size_t events() { return registry->history("", 0, 1000).value().size(); }
};

TEST_F(Once, the_same_request_again_gets_the_same_answer_and_changes_nothing) {
  const auto first = set_alias("1", "k-1");
  ASSERT_EQ(first.status, 200);
  ASSERT_EQ(put(kAlias, {"fraud", "champion"}, R"({"version": 2})").status, 200);
  const std::size_t before = events();
  const auto again = set_alias("1", "k-1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.at("Idempotent-Replayed"), "true");
  EXPECT_EQ(events(), before);
  EXPECT_THAT(get(kAlias, {"fraud", "champion"}).body, HasSubstr("\"version\":2"));
}

TEST_F(Once, another_request_under_a_key_that_was_used_is_refused) {
  ASSERT_EQ(set_alias("1", "k-1").status, 200);
  const auto other = set_alias("2", "k-1");
  EXPECT_EQ(other.status, 422);
  EXPECT_THAT(other.body, HasSubstr("another request was applied under this key"));
  EXPECT_EQ(set_alias("2", "k-2").status, 200);
}

TEST_F(Once, a_removal_that_was_answered_is_answered_again) {
  const std::vector<std::string> version{"fraud", "2"};
  ASSERT_EQ(change(net::Method::Delete, kModel + "/versions/{version}", version, "", "k-1").status, 204);
  EXPECT_EQ(change(net::Method::Delete, kModel + "/versions/{version}", version, "", "k-1").status, 204);
  EXPECT_EQ(change(net::Method::Delete, kModel + "/versions/{version}", version, "", "k-2").status, 404);
}

TEST_F(Once, a_model_that_got_another_name_has_it_when_asked_again) {
  const auto rename = [&](const std::string& key) {
    return change(net::Method::Post, kModel + "/rename", {"fraud"}, R"({"name": "card-fraud"})", key);
  };
  const auto first = rename("k-1");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(rename("k-1").body, first.body);
  EXPECT_EQ(rename("k-2").status, 404);
}

TEST_F(Once, what_was_refused_may_be_asked_again) {
  EXPECT_EQ(set_alias("7", "k-1").status, 404);
  push_upload("|three", {{"name", "fraud"}});
  EXPECT_EQ(set_alias("3", "k-1").status, 200);
}

TEST_F(Once, a_push_is_registered_once) {
  const auto push = [&] { return push_upload("|four", {{"name", "fraud"}}, {{"idempotency-key", "k-1"}}).body; };
  const std::string first = push();
  EXPECT_THAT(first, HasSubstr("\"version\":3"));
  ASSERT_EQ(change(net::Method::Post, kModel + "/versions/{version}/retire", {"fraud", "3"}, "{}", "k-2").status, 200);
  EXPECT_EQ(push(), first) << "without the key it would be a new version";
}

TEST_F(Once, a_secret_is_kept_nowhere) {
  const std::string body = R"({"name": "ci", "role": "viewer"})";
  const auto first = change(net::Method::Post, kTokens, {}, body, "k-1");
  ASSERT_EQ(first.status, 201);
  const auto again = change(net::Method::Post, kTokens, {}, body, "k-1");
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.body, HasSubstr("its answer was not kept"));
  EXPECT_THAT(again.body, Not(HasSubstr("slw_")));
}

TEST_F(Once, a_key_must_be_one) {
  EXPECT_EQ(set_alias("1", std::string(255, 'k')).status, 200);
  for (const std::string& key : {std::string(256, 'k'), std::string("a\nb"), std::string("ü")}) {
    const auto answer = set_alias("1", key);
    EXPECT_EQ(answer.status, 400) << key;
    EXPECT_THAT(answer.body, HasSubstr("header Idempotency-Key: expected 1 to 255 characters of ASCII"));
  }
}

TEST_F(Once, a_crash_between_change_and_answer_applies_nothing_twice) {
  registry::Author author{"eva", ""};
  author.once = ports::IdempotencyRecord{.key = sha256(as_bytes("k")), .request = {}, .at = clock.wall_now()};
  const auto name = model::ModelName::parse("fraud").value();
  const auto champion = model::Alias::parse("champion").value();
  ASSERT_TRUE(registry->set_alias(name, champion, 1, std::nullopt, author).ok());
  const auto again = registry->set_alias(name, champion, 2, std::nullopt, author);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::Conflict);
  EXPECT_TRUE(registry->applied(author.once->key).value());
  EXPECT_THAT(get(kAlias, {"fraud", "champion"}).body, HasSubstr("\"version\":1"));
}

}  // namespace
}  // namespace slipway::admin_scenarios
