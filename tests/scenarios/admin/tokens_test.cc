#include <gmock/gmock.h>

#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kTokens = "/api/v1/tokens";

class Tokens : public AdminHouse {};

TEST_F(Tokens, show_their_secret_once) {
  const auto created = post(kTokens, {}, R"({"name": "ci", "role": "operator", "expires_in_seconds": 60})");
  EXPECT_EQ(created.status, 201);
  EXPECT_THAT(created.body, HasSubstr("\"secret\":\"slw_"));
  EXPECT_EQ(created.headers.at("Cache-Control"), "no-store");
  const auto listed = get(kTokens);
  EXPECT_THAT(listed.body, HasSubstr("\"role\":\"operator\""));
  EXPECT_THAT(listed.body, Not(HasSubstr("slw_")));
}

TEST_F(Tokens, are_revoked_by_name) {
  post(kTokens, {}, R"({"name": "ci", "role": "viewer"})");
  EXPECT_EQ(remove(kTokens + "/{token}", {"ci"}).status, 204);
  EXPECT_EQ(remove(kTokens + "/{token}", {"ci"}).status, 404);
}

TEST_F(Tokens, need_a_name_and_a_role_that_exists) {
  for (const char* body :
       {"{}", R"({"name": "a"})", R"({"name": "", "role": "admin"})", R"({"name": "a", "role": "king"})",
        R"({"name": 1, "role": "admin"})", R"({"name": "a", "role": "admin", "expires_in_seconds": 0})",
        R"({"name": "a", "role": "admin", "expires_in_seconds": 1e30})"}) {
    EXPECT_EQ(post(kTokens, {}, body).status, 400) << body;
  }
}

TEST_F(Tokens, status_tells_the_server_and_what_it_has_loaded) {
  predictor.states = {{"fraud", 2, ports::ServedState::State::Loading, ""}};
  predictor.ready = false;
  clock.advance(std::chrono::seconds(61));
  const auto answer = get("/api/v1/status");
  EXPECT_THAT(answer.body, HasSubstr("\"ready\":false"));
  EXPECT_THAT(answer.body, HasSubstr("\"uptime_seconds\":61"));
  EXPECT_THAT(answer.body, HasSubstr("\"state\":\"loading\""));
  EXPECT_THAT(answer.body, Not(HasSubstr(folder)));
}

}  // namespace
}  // namespace slipway::admin_scenarios
