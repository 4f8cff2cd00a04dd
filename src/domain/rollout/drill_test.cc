// The way back, rehearsed on live traffic.
#include "domain/rollout/rollout_fixture.h"
#include "domain/rollout/traffic_text.h"

namespace slipway::rollout {
namespace {

using namespace std::chrono_literals;
using model::Verdict;

class Drilled : public testing::Test {
 protected:
  Drilled() { world.run(10s); }
  void drill() {
    const auto asked = world.command(Drill{world.now});
    ASSERT_TRUE(asked.ok()) << asked.error().message;
  }
  World world{{{{Canary{.weights = {{1'000}, {5'000}}, .dwell = 1h}}}}};
};

TEST_F(Drilled, gives_control_all_traffic_for_a_moment_and_goes_on_where_it_was) {
  const Duration dwelt = world.rollout->dwelt;
  drill();
  EXPECT_EQ(world.state(), State::Applying);
  EXPECT_EQ(text_of(world.rollout->wanted), "1=10000 2=0");
  world.look(100ms);
  world.look(400ms);
  EXPECT_EQ(world.rollout->reason, "drill: version 1 served all traffic after 500 ms; the rollout goes on as before");
  world.look(100ms);
  world.look(100ms);
  EXPECT_EQ(world.state(), State::Observing);
  EXPECT_EQ(world.weights(), "1000 0 1000");
  EXPECT_EQ(world.rollout->dwelt, dwelt) << "nothing was observed meanwhile";
  EXPECT_FALSE(world.rollout->rehearsal);
}

TEST_F(Drilled, goes_on_also_where_the_way_back_is_too_slow_and_says_so) {
  drill();
  world.sight.is_live = false;
  world.run(59s);
  EXPECT_EQ(world.weights(), "1000 0");
  world.run(3s);
  EXPECT_EQ(world.weights(), "1000 0 1000");
  EXPECT_NE(world.rollout->reason.find("did not serve all traffic within"), std::string::npos);
}

TEST_F(Drilled, harm_that_is_found_meanwhile_makes_it_the_real_thing) {
  drill();
  world.judge(Verdict::Fail);
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_EQ(world.weights(), "1000 0") << "on the straightest way";
}

TEST_F(Drilled, can_be_aborted_and_is_not_begun_twice) {
  drill();
  EXPECT_EQ(world.command(Drill{world.now}).error().code, ErrorCode::Conflict);
  ASSERT_TRUE(world.command(Abort{}).ok());
  world.run(5s);
  EXPECT_EQ(world.state(), State::Aborted);
  EXPECT_FALSE(world.rollout->rehearsal);
}

TEST_F(Drilled, is_refused_where_it_would_show_nothing_or_do_harm) {
  world.sight.is_live = false;
  EXPECT_NE(world.command(Drill{world.now}).error().message.find("not every version"), std::string::npos);
  World shadow({{{Shadow{}}}});
  shadow.run(3s);
  EXPECT_NE(shadow.command(Drill{shadow.now}).error().message.find("control has all traffic"), std::string::npos);
  World queued({{{Canary{}}}});
  EXPECT_EQ(queued.command(Drill{queued.now}).error().message,
            "cannot rehearse the way back of a rollout that is queued");
}

TEST(BanditDrill, weights_come_back_as_they_were) {
  World world({{{Bandit{.dwell = 1h}}}}, {2, 3});
  world.run(5s);
  const Traffic before = *world.sight.served;
  ASSERT_TRUE(world.command(Drill{world.now}).ok());
  world.judge(Verdict::Fail, false, 1);
  world.look();
  world.look();
  EXPECT_TRUE(world.rollout->wanted == before) << text_of(world.rollout->wanted);
  world.run(5s);
  EXPECT_EQ(world.sight.served->shares[2].share.count, 0u) << "and then the one that does harm loses its share";
}

}  // namespace
}  // namespace slipway::rollout
