// --wait of the commands about rollouts.
#include <gmock/gmock.h>

#include "cli/cli_fixture.h"
#include "cli/rollout_sample.h"

namespace slipway::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kRollout = "GET /api/v1/rollouts/7";
const std::vector<std::string> kSetWeight = {"rollout", "set-weight", "7", "25%", "--reason", "r", "--wait"};
const std::vector<std::string> kAbort = {"rollout", "abort", "7", "--reason", "r", "--wait"};

TEST_F(Cli, rollout_set_weight_waits_until_it_is_served) {
  server.when("POST /api/v1/rollouts/7/weight", RolloutSample{.state = "applying"}.rollout());
  server.when(kRollout, RolloutSample{}.rollout());
  const Ran ran = slipway(kSetWeight);
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("observing"));
}

TEST_F(Cli, rollout_that_ended_meanwhile_is_refused) {
  server.when("POST /api/v1/rollouts/7/weight", RolloutSample{.state = "applying"}.rollout());
  server.when(kRollout, RolloutSample{.state = "aborted"}.rollout());
  const Ran ran = slipway(kSetWeight);
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("rollout 7 is aborted: version 4 does harm"));
}

TEST_F(Cli, rollout_abort_waits_until_it_is_aborted) {
  server.when("POST /api/v1/rollouts/7/abort", RolloutSample{.state = "restoring"}.rollout());
  server.when(kRollout, RolloutSample{.state = "aborted"}.rollout());
  EXPECT_EQ(slipway(kAbort).exit, 0);
}

TEST_F(Cli, rollout_waits_no_longer_than_told) {
  server.when("POST /api/v1/rollouts/7/abort", RolloutSample{.state = "restoring"}.rollout());
  server.when(kRollout, RolloutSample{.state = "restoring", .holding = "waits until it is served"}.rollout());
  std::vector<std::string> words = kAbort;
  words.insert(words.end(), {"--timeout", "1"});
  const Ran ran = slipway(words);
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("rollout 7 is restoring still after 1 s: waits until it is served"));
}

TEST_F(Cli, rollout_with_a_wrong_timeout_does_nothing) {
  std::vector<std::string> start = {"rollout", "start", "fraud:4", "--preset", "canary", "--reason", "r", "--wait"};
  for (std::vector<std::string> words : {kAbort, kSetWeight, start}) {
    words.insert(words.end(), {"--timeout", "soon"});
    const Ran ran = slipway(words);
    EXPECT_EQ(ran.exit, 2);
    EXPECT_THAT(ran.err, HasSubstr("--timeout: expected 1 to 86400 seconds, found \"soon\""));
  }
  EXPECT_TRUE(server.seen().empty());
}

}  // namespace
}  // namespace slipway::cli
