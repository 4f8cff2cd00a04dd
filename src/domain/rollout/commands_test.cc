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

// 10 %, 50 %; then both switches of blue and green with an approval; then one to complete.
World gated() {
  World world(Plan{{{Canary{.weights = {{1'000}, {5'000}}, .dwell = 5s}}, {BlueGreen{}, true}}, {}, true});
  world.judge(Verdict::Pass, true);
  world.run(4s);
  EXPECT_EQ(world.state(), State::Observing);
  return world;
}

TEST(Commands, a_weight_set_by_hand_is_no_way_past_an_approval_that_is_missing) {
  World world = gated();
  for (const std::uint32_t weight : {5'001u, 10'000u}) {
    const auto refused = world.command(SetWeight{{weight}});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_EQ(refused.error().message, "a weight of " + std::to_string(weight) +
                                           " basis points is beyond step 3 of the rollout, which asks for an approval "
                                           "that nobody gave");
  }
  EXPECT_TRUE(world.command(SetWeight{{5'000}})) << "the second step asks for none";
  world.run(5s);
  ASSERT_TRUE(world.command(Resume{}));
  world.run(1h);
  EXPECT_EQ(world.state(), State::AwaitingApproval);
  EXPECT_EQ(world.rollout->position, 1u);
  EXPECT_TRUE(world.command(SetWeight{{2'000}})) << "less is always possible";
  world.run(5s);
  EXPECT_TRUE(world.command(SetWeight{{5'000}})) << "and what its step has";
  world.run(5s);
  ASSERT_TRUE(world.command(Approve{}, "bob"));
  EXPECT_TRUE(world.command(SetWeight{{10'000}}));
}

TEST(Commands, a_weight_that_was_set_past_an_approval_waits_for_it) {
  World world = gated();
  // As a record of before such weights were refused.
  want(*world.rollout, traffic_of(*world.rollout, {10'000}, {}), world.sight);
  world.rollout->state = State::Applying;
  world.run(1h);
  EXPECT_EQ(world.state(), State::AwaitingApproval);
  EXPECT_EQ(world.command(Promote{}).error().code, ErrorCode::Conflict);
  EXPECT_EQ(world.rollout->position, 0u);
}

TEST(Commands, a_word_that_was_given_stays_with_its_step) {
  World world = gated();
  ASSERT_TRUE(world.command(Approve{}, "bob"));
  EXPECT_EQ(world.rollout->approved, 2u);
  const auto again = world.command(Approve{}, "eve");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().message, "step 3 of the rollout is approved already");
  world.run(1h);
  EXPECT_EQ(world.rollout->position, 3u);
  ASSERT_TRUE(world.command(Approve{}, "eve"));
  EXPECT_EQ(world.rollout->approved, 4u);
  EXPECT_EQ(world.command(Approve{}, "bob").error().message, "the end of the rollout is approved already");
  world.run(2h);
  EXPECT_EQ(world.state(), State::Completed);
}

TEST(Commands, a_way_back_that_is_not_served_can_be_given_up) {
  World world = observing();
  ASSERT_TRUE(world.command(Abort{}));
  ASSERT_EQ(world.state(), State::Restoring);
  ASSERT_TRUE(world.command(Abort{}, "bob"));
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_EQ(world.rollout->reason, "given up by bob: because; still served: 1=9900 2=100");
}

}  // namespace
}  // namespace slipway::rollout
