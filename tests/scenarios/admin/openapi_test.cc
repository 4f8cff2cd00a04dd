#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

TEST(OpenApi, has_no_reference_to_nowhere_and_no_example_its_schema_refuses) {
  EXPECT_THAT(OpenApi::document().own_faults(), testing::IsEmpty());
}

TEST(OpenApi, the_judge_of_answers_can_refuse) {
  const OpenApi& api = OpenApi::document();
  const std::vector<std::pair<std::string, std::string>> table = {
      {"{type: integer}", "\"1\""},
      {"{type: string}", "1"},
      {"{type: object, required: [a]}", "{}"},
      {"{type: object, additionalProperties: false, properties: {a: {}}}", "{\"b\": 1}"},
      {"{type: array, items: {minimum: 1}}", "[1, 0]"},
      {"{enum: [a, b]}", "c"},
      {"{type: string, pattern: \"^a$\"}", "b"},
      {"{allOf: [{type: object, required: [a]}]}", "{}"},
      {"{$ref: \"#/components/schemas/Error\"}", "{\"error\": \"x\", \"code\": \"Wrong\"}"}};
  for (const auto& [schema, value] : table) EXPECT_NE(api.fault_of(schema, value), "") << schema << " " << value;
  EXPECT_EQ(api.fault_of("{type: [string, \"null\"]}", "null"), "");
  EXPECT_NE(api.fault_in(net::Method::Get, "/api/v1/status", 200, "{}"), "");
  EXPECT_NE(api.fault_in(net::Method::Get, "/api/v1/nowhere", 200, "{}"), "");
}

TEST_F(AdminHouse, every_route_is_described_with_its_permission_and_nothing_else_is) {
  std::vector<Operation> described;
  for (const Operation& operation : OpenApi::document().operations()) {
    if (operation.pattern.starts_with("/api/v1/")) described.push_back(operation);
  }
  std::vector<Operation> served;
  for (const net::Route& route : routes) {
    served.push_back({route.method, route.pattern, std::string(name_of(route.permission))});
  }
  EXPECT_TRUE(std::is_permutation(described.begin(), described.end(), served.begin(), served.end()));
  EXPECT_EQ(described.size(), served.size());
}

TEST_F(AdminHouse, no_route_that_changes_anything_is_open_to_readers) {
  for (const net::Route& route : routes) {
    const access::Principal viewer{"v", access::Role::Viewer, true};
    const bool reads = is_allowed(viewer, route.permission, access::AnonymousPolicy::LoopbackReads);
    EXPECT_EQ(reads, route.method == net::Method::Get && route.permission != access::Permission::ManageTokens)
        << route.pattern;
  }
}

}  // namespace
}  // namespace slipway::admin_scenarios
