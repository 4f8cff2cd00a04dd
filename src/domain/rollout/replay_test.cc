#include "domain/rollout/replay.h"

#include "domain/rollout/rollout_fixture.h"

namespace slipway::rollout {
namespace {

using namespace std::chrono_literals;

struct Kept {
  std::string basis;
  Recorded recorded;
};

// Every decision of a rollout that is judged well, paused, promoted and then judged badly.
class Life {
 public:
  Life() : world({{{Canary{.weights = {{100}, {1'000}, {5'000}}, .dwell = 5s}}}}) {
    const Person ann{"ann", "new\nfeatures"};
    Basis basis{.occasion = Occasion::Start, .now = world.now, .before = *world.rollout, .person = ann};
    begin(*world.rollout, ann);
    keep(basis);
    world.judge(model::Verdict::Pass, true);
    look(4);
    command(PauseNow{});
    command(Promote{});
    look(3);
    world.judge(model::Verdict::Fail);
    look(4);
  }
  void look(int times) {
    for (int i = 0; i < times; ++i) {
      const Rollout before = *world.rollout;
      const Sight sight = world.sight;
      if (world.look().is_change) keep({.now = world.now, .before = before, .sight = sight});
    }
  }
  void command(const Command& command) {
    const Rollout before = *world.rollout;
    ASSERT_TRUE(world.command(command).ok());
    keep({.occasion = Occasion::Asked,
          .now = world.now,
          .before = before,
          .sight = world.sight,
          .command = command,
          .person = {"ann", "because"},
          .started_by = "starter"});
  }
  void keep(const Basis& basis) {
    const Rollout& now = *world.rollout;
    kept.push_back({text_of(basis), {now.decisions, "look", now.state, now.position, now.wanted, now.reason}});
  }
  World world;
  std::vector<Kept> kept;
};

TEST(Replay, makes_every_decision_of_a_rollout_again) {
  const Life life;
  ASSERT_EQ(life.world.state(), State::Aborted);
  ASSERT_GE(life.kept.size(), 8u);
  std::optional<Rollout> after;
  for (const Kept& kept : life.kept) {
    const auto basis = parse_basis(kept.basis);
    ASSERT_TRUE(basis.ok()) << basis.error().message;
    if (after) {
      EXPECT_TRUE(differences_between(*after, basis->before).empty());
    }
    const auto again = decide_again(life.world.plan, *basis);
    ASSERT_TRUE(again.ok()) << again.error().message;
    for (const Difference& each : differences(kept.recorded, *again)) {
      ADD_FAILURE() << each.what << ": " << each.recorded << ", " << each.again;
    }
    after.emplace(*again);
  }
}

TEST(Replay, finds_what_was_changed_in_a_record) {
  const Life life;
  const Kept& last = life.kept.back();
  const Rollout again = *decide_again(life.world.plan, *parse_basis(last.basis));
  Recorded recorded = last.recorded;
  recorded.reason += "!";
  recorded.state = State::Completed;
  EXPECT_EQ(differences(recorded, again),
            (std::vector<Difference>{{"state", "completed", "aborted"}, {"reason", again.reason + "!", again.reason}}));
}

TEST(Replay, finds_what_was_changed_in_a_basis) {
  const Life life;
  for (std::size_t i = 1; i < life.kept.size(); ++i) {
    Basis basis = *parse_basis(life.kept[i].basis);
    basis.sight.evidence.assign(1, {model::Verdict::Inconclusive, false, "another"});
    basis.sight.served.emplace(Traffic{{{1, {7'000}}, {2, {3'000}}}, {}});
    const auto again = decide_again(life.world.plan, basis);
    const bool is_told = !again.ok() || !differences(life.kept[i].recorded, *again).empty();
    EXPECT_TRUE(is_told || basis.occasion == Occasion::Asked) << i;
    Rollout other = basis.before;
    other.frozen[0] = !other.frozen[0];
    EXPECT_EQ(differences_between(basis.before, other).size(), 1u);
  }
}

TEST(Replay, a_basis_that_fits_no_plan_is_refused) {
  const Life life;
  Basis basis = *parse_basis(life.kept[2].basis);
  basis.before.position = 70;
  EXPECT_EQ(decide_again(life.world.plan, basis).error().message, "expected one of the plan's 3 steps, found step 71");
  basis = *parse_basis(life.kept[2].basis);
  basis.before.frozen.clear();
  EXPECT_FALSE(decide_again(life.world.plan, basis).ok());
}

TEST(Replay, a_look_that_decides_nothing_is_told) {
  World world({{{Canary{}}}});
  world.run(3s);
  const Basis basis{.now = world.now + 1s, .before = *world.rollout, .sight = world.sight};
  EXPECT_EQ(decide_again(world.plan, basis).error().code, ErrorCode::Conflict);
}

}  // namespace
}  // namespace slipway::rollout
