#include "domain/access/permission.h"

#include <gtest/gtest.h>

namespace slipway::access {
namespace {

constexpr Role kRoles[] = {Role::Viewer, Role::Predictor, Role::Operator, Role::Approver, Role::Admin};

// One row per permission: what viewer, predictor, operator, approver and admin may do, then anonymous on loopback.
struct Row {
  Permission permission;
  const char* name;
  bool roles[5];
  bool anonymous_on_loopback;
};
constexpr Row kRows[] = {
    {Permission::Public, "public", {true, true, true, true, true}, true},
    {Permission::Predict, "predict", {false, true, true, true, true}, true},
    {Permission::ReadMetadata, "read-metadata", {true, true, true, true, true}, true},
    {Permission::ReadMetrics, "read-metrics", {true, false, true, true, true}, true},
    {Permission::ReadRegistry, "read-registry", {true, false, true, true, true}, false},
    {Permission::WriteRegistry, "write-registry", {false, false, true, false, true}, false},
    {Permission::Deploy, "deploy", {false, false, true, false, true}, false},
    {Permission::ManageTokens, "manage-tokens", {false, false, false, false, true}, false},
    {Permission::ManageServer, "manage-server", {false, false, false, false, true}, false},
    {Permission::Approve, "approve", {false, false, false, true, true}, false},
    {Permission::Override, "override", {false, false, false, false, true}, false},
};

TEST(Access, every_role_may_do_what_its_row_says_wherever_it_comes_from) {
  for (const Row& row : kRows) {
    for (std::size_t i = 0; i < 5; ++i) {
      for (const bool loopback : {false, true}) {
        const Principal principal{"ci", kRoles[i], loopback};
        EXPECT_EQ(is_allowed(principal, row.permission, AnonymousPolicy::LoopbackReads), row.roles[i])
            << name_of(kRoles[i]) << " " << row.name;
      }
    }
  }
}

TEST(Access, anonymous_callers_on_loopback_predict_and_look_but_change_nothing) {
  for (const Row& row : kRows) {
    const Principal near{"anonymous", std::nullopt, true};
    EXPECT_EQ(is_allowed(near, row.permission, AnonymousPolicy::LoopbackReads), row.anonymous_on_loopback) << row.name;
  }
}

TEST(Access, anonymous_callers_from_elsewhere_reach_health_alone) {
  for (const Row& row : kRows) {
    const Principal far{"anonymous", std::nullopt, false};
    const bool health = row.permission == Permission::Public;
    EXPECT_EQ(is_allowed(far, row.permission, AnonymousPolicy::LoopbackReads), health) << row.name;
    EXPECT_EQ(is_allowed(far, row.permission, AnonymousPolicy::Nothing), health) << row.name;
  }
}

TEST(Access, insecure_opens_everything_to_anonymous_callers_but_widens_no_role) {
  for (const Row& row : kRows) {
    EXPECT_TRUE(is_allowed({"anonymous", std::nullopt, false}, row.permission, AnonymousPolicy::Everything));
    EXPECT_EQ(is_allowed({"ci", Role::Viewer, true}, row.permission, AnonymousPolicy::Everything), row.roles[0]);
  }
}

TEST(Access, names_lead_back_to_roles_and_name_permissions) {
  for (const Role role : kRoles) EXPECT_EQ(parse_role(name_of(role)), role);
  for (const Row& row : kRows) EXPECT_EQ(name_of(row.permission), row.name);
  for (const char* text : {"", "Admin", "root", "admin "}) EXPECT_EQ(parse_role(text), std::nullopt);
}

}  // namespace
}  // namespace slipway::access
