#include "domain/rollout/commands.h"

#include "domain/rollout/rollout_fixture.h"

namespace slipway::rollout {
namespace {

using model::Verdict;
using namespace std::chrono_literals;

World observing() {
  World world(Plan{{{Canary{}}}});
  world.judge(Verdict::Pass, true);
  world.run(5s);
  return world;
}

TEST(Commands, a_reason_is_asked_of_everyone) {
  World world = observing();
  EXPECT_EQ(world.command(Abort{}, "ann", "").error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(world.command(Abort{}, "ann", std::string(kLongestReason + 1, 'x')).error().code, ErrorCode::InvalidInput);
}

TEST(Commands, a_paused_rollout_does_not_go_on_but_harm_still_ends_it) {
  World world = observing();
  ASSERT_TRUE(world.command(PauseNow{}));
  world.run(1h);
  EXPECT_EQ(world.weights(), "100");
  EXPECT_EQ(world.look().holding, "paused: because");
  world.judge(Verdict::Fail);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
}

TEST(Commands, resumed_it_goes_on_where_it_was) {
  World world = observing();
  ASSERT_TRUE(world.command(PauseNow{}));
  EXPECT_EQ(world.command(PauseNow{}).error().code, ErrorCode::Conflict);
  ASSERT_TRUE(world.command(Resume{}));
  EXPECT_EQ(world.command(Resume{}).error().code, ErrorCode::Conflict);
  world.run(6min);
  EXPECT_EQ(world.weights(), "100 500");
}

TEST(Commands, promote_goes_one_step_without_evidence_and_to_the_end_when_told) {
  World world = observing();
  world.judge(Verdict::Inconclusive);
  ASSERT_TRUE(world.command(Promote{}));
  world.run(5s);
  EXPECT_EQ(world.weights(), "100 500");
  ASSERT_TRUE(world.command(Promote{.to_the_end = true}));
  world.run(5s);
  EXPECT_EQ(world.state(), State::Completed);
  EXPECT_EQ(world.rollout->reason, "promoted by ann: because");
}

TEST(Commands, promote_does_not_pass_an_approval_that_is_missing) {
  World world(Plan{{{Canary{}}}, {}, true});
  world.run(5s);
  EXPECT_EQ(world.command(Promote{.to_the_end = true}).error().code, ErrorCode::Conflict);
  EXPECT_EQ(world.command(Approve{}, "starter").error().code, ErrorCode::Denied);
  ASSERT_TRUE(world.command(Approve{}, "bob"));
  EXPECT_TRUE(world.command(Promote{.to_the_end = true}));
}

TEST(Commands, abort_takes_all_traffic_back_from_every_open_state) {
  for (int looks = 0; looks < 5; ++looks) {
    World world(Plan{{{Canary{}}}});
    for (int i = 0; i < looks; ++i) world.look();
    ASSERT_TRUE(world.command(Abort{}));
    world.run(5s);
    EXPECT_EQ(world.state(), State::Aborted);
    EXPECT_EQ(world.sight.served->shares, (std::vector<model::Share>{{1, model::kWhole}}));
    EXPECT_EQ(world.command(Abort{}).error().code, ErrorCode::Conflict) << "it is over";
  }
}

TEST(Commands, a_weight_set_by_hand_stays_until_resumed_and_then_goes_up_from_there) {
  World world = observing();
  ASSERT_TRUE(world.command(SetWeight{{3'000}}));
  world.run(1h);
  EXPECT_EQ(world.weights(), "100 3000");
  ASSERT_TRUE(world.command(Resume{}));
  world.run(4min);
  EXPECT_EQ(world.weights(), "100 3000 5000");
  EXPECT_EQ(world.command(SetWeight{{10'001}}).error().code, ErrorCode::InvalidInput);
}

}  // namespace
}  // namespace slipway::rollout
