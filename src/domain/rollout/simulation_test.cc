#include <cstdlib>

#include "domain/rollout/rollout_fixture.h"
#include "domain/stats/random.h"

namespace slipway::rollout {
namespace {

using model::Verdict;

// SLIPWAY_ROLLOUT_SEEDS=100000 for the long form.
std::uint64_t seeds() {
  const char* const asked = std::getenv("SLIPWAY_ROLLOUT_SEEDS");
  return asked == nullptr ? 1'000 : std::strtoull(asked, nullptr, 10);
}

// The outside world and the store: what outlives the controller.
struct Disk {
  Rollout rollout;
  Traffic served;
  std::uint64_t revision = 1;
  std::vector<Traffic> history;
  std::string fault;
};

// What each step's evidence says, and when; the same for every run of a seed.
struct Course {
  Plan plan;
  std::vector<Verdict> verdicts;  // of each position
  std::vector<Duration> after;
};

Course course_of(stats::Xoshiro256& random) {
  const auto seconds = [&](std::uint64_t most) { return std::chrono::seconds(random.below(most)); };
  const Plan plans[] = {{{{Canary{.dwell = seconds(20), .holdback_for = seconds(60)}}}},
                        {{{BlueGreen{.warm = seconds(10), .keep = seconds(30)}}}},
                        {{{Rolling{.parts = 2 + static_cast<std::uint32_t>(random.below(8)), .dwell = seconds(9)}}}},
                        {{{ChampionChallenger{.dwell = seconds(15)}}}},
                        {{{AbTest{.horizon = std::chrono::seconds(30)}}}},
                        {{{Shadow{.dwell = seconds(9)}},
                          {Canary{.weights = {{100}, {4'000}}, .dwell = seconds(9)}},
                          {BlueGreen{.warm = seconds(5), .keep = seconds(9)}}}}};
  Course course{plans[random.below(std::size(plans))], {}, {}};
  for (std::size_t i = 0; i < schedule(course.plan).size(); ++i) {
    course.verdicts.push_back(random.below(8) == 0 ? Verdict::Fail : Verdict::Pass);
    // Harm is told at once: how long it may go unseen is the evidence's affair, and jumps of the clock count as time.
    course.after.push_back(course.verdicts.back() == Verdict::Fail ? std::chrono::seconds(0) : seconds(40));
  }
  return course;
}

// Looks until the rollout is over, dying at random moments with a chance of one in `die_in` (0: never).
void play(const Course& course, Disk& disk, stats::Xoshiro256& random, std::uint64_t die_in) {
  const auto dies = [&] { return die_in != 0 && random.below(die_in) == 0; };
  WallTime now = kMonday;
  Rollout memory = disk.rollout;
  for (int look = 0; look < 5'000 && !is_over(disk.rollout.state); ++look) {
    now += std::chrono::seconds(1);
    if (dies()) {
      now += std::chrono::seconds(random.below(100'000)) - std::chrono::seconds(50'000);
      memory = disk.rollout;
    }
    Sight sight{.served = disk.served, .revision = disk.revision, .is_live = random.below(3) != 0, .is_turn = true};
    const bool is_told = memory.dwelt >= course.after[memory.position];
    sight.evidence.push_back({is_told ? course.verdicts[memory.position] : Verdict::Inconclusive, is_told, "told"});
    const Decision decision = next(course.plan, memory, sight, now);
    if (dies()) continue;  // before the record: as if it had not looked, but for its memory
    memory = decision.rollout;
    if (decision.is_change || look % 10 == 0) disk.rollout = memory;
    if (dies()) {
      memory = disk.rollout;
      continue;
    }
    if (!decision.serve) continue;
    if (!(*decision.serve == disk.rollout.wanted)) disk.fault = "served before it was recorded";
    disk.served = *decision.serve;
    ++disk.revision;
    disk.history.push_back(disk.served);
  }
}

TEST(RolloutSimulation, killed_at_any_point_it_goes_through_the_same_traffic_to_the_same_end) {
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    stats::Xoshiro256 random(seed);
    const Course course = course_of(random);
    const Rollout fresh = *open(course.plan, "production", *model::ModelName::parse("fraud"), 1, {2}, kMonday);
    Disk whole{fresh, fresh.wanted, 1, {}, {}};
    play(course, whole, random, 0);
    Disk killed{fresh, fresh.wanted, 1, {}, {}};
    play(course, killed, random, 2 + random.below(20));
    ASSERT_TRUE(is_over(whole.rollout.state)) << "seed " << seed;
    ASSERT_TRUE(is_over(killed.rollout.state)) << "seed " << seed;
    ASSERT_EQ(killed.fault, "") << "seed " << seed;
    ASSERT_EQ(whole.rollout.state, killed.rollout.state) << "seed " << seed;
    ASSERT_EQ(whole.rollout.reason, killed.rollout.reason) << "seed " << seed;
    ASSERT_TRUE(whole.history == killed.history) << "seed " << seed;
  }
}

}  // namespace
}  // namespace slipway::rollout
