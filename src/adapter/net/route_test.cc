#include "adapter/net/route.h"

#include <gtest/gtest.h>

namespace slipway::net {
namespace {

Route route(Method method, std::string pattern) {
  return {method, std::move(pattern), access::Permission::Public, [](Exchange&) {}};
}

// What a path leads to: "pattern(parameters)", "405 Allow" or "404".
class RouteTableTest : public testing::Test {
 protected:
  std::string where(Method method, std::string_view path) {
    const RouteTable::Match match = table_.find(method, path);
    if (match.route == nullptr) return match.allowed.empty() ? "404" : "405 " + match.allowed;
    std::string text = match.route->pattern;
    for (const std::string_view parameter : match.parameters) text += "(" + std::string(parameter) + ")";
    return text;
  }
  RouteTable table_ =
      RouteTable::build({route(Method::Get, "/"), route(Method::Get, "/v2"), route(Method::Get, "/v2/models/stats"),
                         route(Method::Get, "/v2/models/{model}"), route(Method::Post, "/v2/models/{model}"),
                         route(Method::Post, "/v2/models/{model}/infer"),
                         route(Method::Get, "/v2/models/{model}/versions/{version}"),
                         route(Method::Delete, "/v2/models/stats/all")})
          .value();
};

TEST_F(RouteTableTest, a_path_finds_its_route_and_parameters) {
  EXPECT_EQ(where(Method::Get, "/"), "/");
  EXPECT_EQ(where(Method::Get, "/v2"), "/v2");
  EXPECT_EQ(where(Method::Get, "/v2/models/tiny"), "/v2/models/{model}(tiny)");
  EXPECT_EQ(where(Method::Get, "/v2/models/a/versions/7"), "/v2/models/{model}/versions/{version}(a)(7)");
  EXPECT_EQ(where(Method::Post, "/v2/models/a%2Fb/infer"), "/v2/models/{model}/infer(a%2Fb)");
}

TEST_F(RouteTableTest, plain_text_wins_over_a_parameter_and_gives_way_when_it_leads_nowhere) {
  EXPECT_EQ(where(Method::Get, "/v2/models/stats"), "/v2/models/stats");
  EXPECT_EQ(where(Method::Get, "/v2/models/st%61ts"), "/v2/models/stats");
  EXPECT_EQ(where(Method::Post, "/v2/models/stats"), "/v2/models/{model}(stats)");
  EXPECT_EQ(where(Method::Post, "/v2/models/stats/infer"), "/v2/models/{model}/infer(stats)");
}

TEST_F(RouteTableTest, the_rest_of_a_path_gives_way_to_what_says_more) {
  table_ = RouteTable::build({route(Method::Get, "/files"), route(Method::Get, "/files/{path...}"),
                              route(Method::Put, "/files/{path...}"), route(Method::Get, "/files/{name}/size"),
                              route(Method::Get, "/files/index")})
               .value();
  EXPECT_EQ(where(Method::Get, "/files"), "/files");
  EXPECT_EQ(where(Method::Get, "/files/a"), "/files/{path...}(a)");
  EXPECT_EQ(where(Method::Get, "/files/a/b%2Fc/../d"), "/files/{path...}(a/b%2Fc/../d)");
  EXPECT_EQ(where(Method::Get, "/files/a/size"), "/files/{name}/size(a)");
  EXPECT_EQ(where(Method::Get, "/files/index"), "/files/index");
  EXPECT_EQ(where(Method::Put, "/files/index"), "/files/{path...}(index)");
  EXPECT_EQ(where(Method::Post, "/files/a/size"), "405 GET, HEAD, PUT");
  EXPECT_EQ(where(Method::Get, "/files/"), "404");
  EXPECT_EQ(where(Method::Get, "/files//a"), "404");
}

TEST_F(RouteTableTest, the_rest_of_a_path_stands_last) {
  EXPECT_FALSE(RouteTable::build({route(Method::Get, "/files/{path...}/size")}).ok());
  EXPECT_FALSE(RouteTable::build({route(Method::Get, "/files/{...}")}).ok());
}

TEST_F(RouteTableTest, head_is_answered_by_get) {
  EXPECT_EQ(where(Method::Head, "/v2"), "/v2");
}

TEST_F(RouteTableTest, a_path_with_other_methods_names_them) {
  EXPECT_EQ(where(Method::Put, "/v2/models/tiny"), "405 GET, HEAD, POST");
  EXPECT_EQ(where(Method::Get, "/v2/models/tiny/infer"), "405 POST");
  EXPECT_EQ(where(Method::Other, "/v2"), "405 GET, HEAD");
}

TEST_F(RouteTableTest, what_only_looks_alike_is_not_found) {
  for (const std::string_view path :
       {"/v2/", "/v2/models", "/v2/models/", "/v2/models//infer", "/V2", "v2", "", "*", "//v2", "/v2/models/a/infer/",
        "/v2%2Fmodels%2Fa", "/v2/models%2Fa", "/v2/models/a%2Finfer/x", "/v2/./models/a/versions"}) {
    EXPECT_EQ(where(Method::Post, path), "404") << path;
  }
}

TEST(RouteTableBuildTest, routes_that_match_the_same_requests_are_refused) {
  const auto built = RouteTable::build({route(Method::Get, "/a/{x}/c"), route(Method::Get, "/a/{y}/c")});
  ASSERT_FALSE(built);
  EXPECT_NE(built.error().message.find("/a/{x}/c"), std::string::npos) << built.error().message;
  EXPECT_TRUE(RouteTable::build({route(Method::Get, "/a/{x}/c"), route(Method::Post, "/a/{y}/c")}));
}

TEST(RouteTableBuildTest, malformed_patterns_are_refused) {
  for (const std::string pattern : {"", "a", "/a{b}", "/{}", "/{a}{b}", "/{a", "/a}", "/a%20b", "/a?b"}) {
    EXPECT_FALSE(RouteTable::build({route(Method::Get, pattern)})) << pattern;
  }
  EXPECT_FALSE(RouteTable::build({route(Method::Other, "/a")}));
}

}  // namespace
}  // namespace slipway::net
