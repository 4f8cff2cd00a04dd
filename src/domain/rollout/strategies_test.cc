#include "domain/rollout/strategies.h"

#include "domain/rollout/rollout_fixture.h"

namespace slipway::rollout {
namespace {

using model::Verdict;
using namespace std::chrono_literals;

TEST(Strategies, each_name_has_a_preset_that_passes_the_check) {
  for (const std::string_view name : strategy_names()) {
    const auto strategy = preset(name);
    ASSERT_TRUE(strategy) << name;
    EXPECT_EQ(name_of(*strategy), name);
    const auto checked = check(Plan{{{*strategy}}});
    EXPECT_TRUE(checked) << name << ": " << checked.error().message;
  }
  EXPECT_FALSE(preset("cannary"));
}

TEST(Strategies, an_equal_canary_walks_up_keeps_a_holdback_for_a_day_and_takes_over) {
  World world(Plan{{{Canary{}}}});
  world.judge(Verdict::Pass, true);
  world.run(26h);
  EXPECT_EQ(world.state(), State::Completed);
  EXPECT_EQ(world.weights(), "100 500 1000 2500 5000 9900 10000");
  EXPECT_EQ(world.rollout->winner, 2u);
}

TEST(Strategies, a_canary_without_power_stays_at_its_first_step) {
  World world(Plan{{{Canary{}}}});
  world.run(2h);
  EXPECT_EQ(world.state(), State::Observing);
  EXPECT_EQ(world.weights(), "100");
  EXPECT_EQ(world.look().holding, "no evidence yet");
}

TEST(Strategies, a_canary_with_power_but_no_proof_stops_before_the_whole) {
  World world(Plan{{{Canary{}}}});
  world.judge(Verdict::Inconclusive, true);
  world.run(40h);
  EXPECT_EQ(world.weights(), "100 500 1000 2500 5000") << "inconclusive never promotes";
}

TEST(Strategies, harm_takes_all_traffic_back_at_any_step) {
  for (const Duration at : {Duration(2s), Duration(16min), Duration(3h)}) {
    World world(Plan{{{Canary{}}}});
    world.judge(Verdict::Pass, true);
    world.run(at);
    world.judge(Verdict::Fail);
    world.run(5s);
    EXPECT_EQ(world.state(), State::Aborted) << to_string(at);
    EXPECT_EQ(world.served.back().shares, (std::vector<model::Share>{{1, model::kWhole}}));
    EXPECT_EQ(world.rollout->reason, "version 2 does harm: as told");
  }
}

TEST(Strategies, a_shadow_serves_nobody_until_it_has_agreed) {
  World world(Plan{{{Shadow{}}, {BlueGreen{}}}});
  world.run(20min);
  EXPECT_EQ(world.weights(), "0");
  EXPECT_EQ(world.served[0].mirrored, model::kWhole);
  world.judge(Verdict::Pass, true);
  world.run(5s);
  EXPECT_EQ(world.weights(), "0 0");
  EXPECT_EQ(world.served[1].mirrored, model::BasisPoints{});
}

TEST(Strategies, blue_green_switches_at_once_and_keeps_the_old_version_loaded) {
  World world(Plan{{{BlueGreen{}}}});
  world.run(2min);
  ASSERT_EQ(world.weights(), "0 10000");
  EXPECT_EQ(world.served[1].shares, (std::vector<model::Share>{{1, {0}}, {2, model::kWhole}}));
  world.run(61min);
  EXPECT_EQ(world.state(), State::Completed);
  EXPECT_EQ(world.served[2].shares, (std::vector<model::Share>{{2, model::kWhole}}));
}

TEST(Strategies, rolling_goes_in_equal_parts) {
  World world(Plan{{{Rolling{}}}});
  world.judge(Verdict::Pass, true);
  world.run(1h);
  EXPECT_EQ(world.weights(), "2000 4000 6000 8000 10000");
}

TEST(Strategies, a_challenger_earns_each_share_by_evidence) {
  World world(Plan{{{ChampionChallenger{}}}});
  world.judge(Verdict::Inconclusive, true);
  world.run(3h);
  EXPECT_EQ(world.weights(), "1000");
  world.judge(Verdict::Pass, true);
  world.run(4h);
  EXPECT_EQ(world.weights(), "1000 2000 5000 10000");
}

TEST(Strategies, a_test_with_planned_looks_goes_on_until_one_of_them_decides) {
  World world(Plan{{{AbTest{.mode = Horizon::Fixed, .horizon = 1h, .units = 1'000}}}});
  world.judge(Verdict::Inconclusive, true);
  world.run(50min);
  EXPECT_EQ(world.state(), State::Observing);
  world.judge(Verdict::Pass, true);
  world.run(2min);
  EXPECT_EQ(world.state(), State::Completed);
}

TEST(Strategies, a_test_that_found_nothing_by_its_horizon_is_overdue_and_holds) {
  World world(Plan{{{AbTest{.horizon = 1h}}}});
  world.run(2h);
  EXPECT_EQ(world.state(), State::Observing);
  EXPECT_EQ(world.look().holding, "overdue: no evidence yet");
}

TEST(Strategies, a_chain_never_gives_the_candidate_less_than_it_had) {
  World world(Plan{{{Shadow{}}, {Canary{.weights = {{500}, {2'500}}}}, {BlueGreen{}}}});
  world.judge(Verdict::Pass, true);
  world.run(3h);
  EXPECT_EQ(world.state(), State::Completed);
  EXPECT_EQ(world.weights(), "0 500 2500 10000 10000");
}

}  // namespace
}  // namespace slipway::rollout
