#include <gmock/gmock.h>

#include "cli/cli_fixture.h"
#include "cli/rollout_sample.h"

namespace slipway::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kDrill = "POST /api/v1/rollouts/7/drill";
constexpr const char* kDecisions = "GET /api/v1/rollouts/7/decisions?limit=20";

std::string decision(int number, const std::string& reason) {
  return R"({"decisions":[{"number":)" + std::to_string(number) + R"(,"reason":")" + reason + R"("}],"next":null})";
}

TEST_F(Cli, rollout_drill_waits_for_its_end_and_tells_the_time) {
  server.when(kDrill, RolloutSample{.state = "applying"}.rollout());
  server.when(kDecisions, decision(3, "drill: the way back is rehearsed by ann: weekend"));
  server.when(kDecisions,
              decision(4, "drill: version 3 served all traffic after 212 ms; the rollout goes on as before"));
  server.when("GET /api/v1/rollouts/7", RolloutSample{.state = "applying"}.rollout());
  const Ran ran = slipway({"rollout", "drill", "7", "--reason", "weekend"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, "drill: version 3 served all traffic after 212 ms; the rollout goes on as before\n");
  EXPECT_EQ(server.seen()[0].body, R"({"reason":"weekend"})");
}

TEST_F(Cli, rollout_drill_of_a_model_means_its_open_rollout) {
  server.when("GET /api/v1/rollouts?limit=100&model=fraud",
              R"({"rollouts":[{"rollout":9,"state":"queued"},{"rollout":7,"state":"observing"}],"next":null})");
  server.when(kDrill, RolloutSample{.state = "applying"}.rollout());
  server.when(kDecisions, decision(4, "drill: version 3 did not serve all traffic within 60000 ms; goes on"));
  EXPECT_EQ(slipway({"rollout", "drill", "fraud", "--reason", "weekend"}).exit, 1) << "too slow is no success";
  server.when("GET /api/v1/rollouts?limit=100&model=wine", R"({"rollouts":[],"next":null})");
  EXPECT_THAT(slipway({"rollout", "drill", "wine", "--reason", "r"}).err,
              HasSubstr("no rollout of model \"wine\" is open"));
}

TEST_F(Cli, rollout_drill_that_became_a_rollback_says_so) {
  server.when(kDrill, RolloutSample{.state = "applying"}.rollout());
  server.when(kDecisions, decision(4, "version 4 does harm"));
  server.when("GET /api/v1/rollouts/7", RolloutSample{.state = "aborted"}.rollout());
  const Ran ran = slipway({"rollout", "drill", "7", "--reason", "weekend"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("the drill was overtaken: the rollout is aborted: version 4 does harm"));
}

}  // namespace
}  // namespace slipway::cli
