#include "domain/access/scope_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::access {
namespace {

using testing::HasSubstr;

Scope scope(std::vector<std::string> models, std::vector<Permission> permissions = {},
            std::vector<std::string> environments = {}) {
  Scope made;
  for (const std::string& text : models) made.models.push_back(NamePattern::parse(text).value());
  made.permissions = std::move(permissions);
  made.environments = std::move(environments);
  return made;
}
Principal holder(Role role, const Scope& of) {
  return {"ci", role, false, std::make_shared<const Scope>(of)};
}

TEST(Scope, narrows_a_role_and_never_widens_it) {
  const auto limited = scope({}, {Permission::Deploy, Permission::ManageServer});
  EXPECT_TRUE(is_allowed(holder(Role::Operator, limited), Permission::Deploy, AnonymousPolicy::Nothing));
  EXPECT_FALSE(is_allowed(holder(Role::Operator, limited), Permission::WriteRegistry, AnonymousPolicy::Nothing));
  EXPECT_FALSE(is_allowed(holder(Role::Operator, limited), Permission::ManageServer, AnonymousPolicy::Nothing));
  EXPECT_FALSE(is_allowed(holder(Role::Viewer, limited), Permission::Deploy, AnonymousPolicy::Everything));
  EXPECT_TRUE(is_allowed(holder(Role::Viewer, limited), Permission::Public, AnonymousPolicy::Nothing));
}

TEST(Scope, whoever_is_limited_makes_no_tokens) {
  for (const Scope& limited : {scope({"a"}), scope({}, {Permission::ManageTokens}), scope({}, {}, {"staging"})}) {
    EXPECT_FALSE(is_allowed(holder(Role::Admin, limited), Permission::ManageTokens, AnonymousPolicy::Everything));
  }
  EXPECT_TRUE(is_allowed(holder(Role::Admin, {}), Permission::ManageTokens, AnonymousPolicy::Nothing));
}

TEST(Scope, models_and_environments_are_covered_as_listed) {
  const auto limited = scope({"team-a-*", "shared"}, {}, {"staging"});
  EXPECT_TRUE(limited.covers_model("team-a-fraud"));
  EXPECT_TRUE(limited.covers_model("shared"));
  EXPECT_FALSE(limited.covers_model("team-b-fraud"));
  EXPECT_TRUE(limited.covers_environment("staging"));
  EXPECT_FALSE(limited.covers_environment("production"));
  EXPECT_TRUE(covers_model(Principal{"admin", Role::Admin, false}, "anything"));
}

TEST(Scope, a_refusal_tells_the_limits_and_nothing_of_what_was_asked_for) {
  EXPECT_EQ(outside_scope("ci", scope({"team-a-*"}, {}, {"staging"})).message,
            "'ci' is limited to the models team-a-* and the environments staging");
}

TEST(Scope, is_read_back_from_its_text) {
  const auto limited = scope({"team-a-*", "shared"}, {Permission::Deploy, Permission::Predict}, {"staging"});
  EXPECT_EQ(parse_scope(text_of(limited)).value(), limited);
  EXPECT_EQ(parse_scope(text_of({})).value(), Scope());
  EXPECT_FALSE(parse_scope({.models = "a/b\n", .permissions = "", .environments = ""}).ok());
  EXPECT_FALSE(parse_scope({.models = "", .permissions = "fly\n", .environments = ""}).ok());
}

TEST(Scope, verbs_stand_for_permissions) {
  EXPECT_EQ(parse_verb("deploy").value(), std::vector{Permission::Deploy});
  EXPECT_EQ(parse_verb("push").value().front(), Permission::WriteRegistry);
  EXPECT_EQ(parse_verb("read").value().size(), 2U);
  for (const char* verb : {"", "public", "manage-tokens", "Deploy", "everything"}) {
    EXPECT_THAT(parse_verb(verb).ok() ? "" : parse_verb(verb).error().message, HasSubstr("expected read, push"))
        << verb;
  }
}

}  // namespace
}  // namespace slipway::access
