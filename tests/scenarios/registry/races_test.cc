// Many hands on one registry: nothing is lost, nothing is served that is gone.
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using ::testing::IsEmpty;

class Races : public House {
 protected:
  static constexpr int kThreads = 8;
  template <class Work>
  void in_threads(Work work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
    for (std::thread& thread : threads) thread.join();
  }
};

TEST_F(Races, one_content_pushed_by_many_is_one_version_verified_once) {
  std::atomic<int> created = 0;
  in_threads([&](int) {
    const auto done = push("fraud", "|weights");
    ASSERT_TRUE(done.ok()) << message(done);
    EXPECT_EQ(done->version.number, 1U);
    EXPECT_EQ(done->version.stage, model::Stage::Validated);
    created += done->created ? 1 : 0;
  });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(probe.probed, 1);
  EXPECT_EQ(registry->model(name("fraud"))->versions.size(), 1U);
}

TEST_F(Races, different_contents_pushed_at_once_get_numbers_without_gaps) {
  in_threads([&](int i) {
    for (int round = 0; round < 5; ++round) pushed("weights " + std::to_string(i) + " " + std::to_string(round));
  });
  const auto summary = registry->model(name("fraud")).value();
  ASSERT_EQ(summary.versions.size(), std::size_t{kThreads * 5});
  EXPECT_EQ(summary.versions.back().number, std::uint64_t{kThreads * 5});
}

TEST_F(Races, artifacts_of_versions_survive_pushes_failures_and_removals_at_once) {
  in_threads([&](int i) {
    for (int round = 0; round < 10; ++round) {
      const auto number = pushed("w" + std::to_string(i) + std::to_string(round));
      static_cast<void>(push("fraud", "|broken"));
      if (round % 2 == 0) {
        EXPECT_TRUE(registry->remove_version(name("fraud"), number, eva).ok());
      }
    }
  });
  ASSERT_TRUE(registry->collect_artifacts().ok());
  std::set<Digest> used;
  const auto summary = registry->model(name("fraud")).value();
  for (const auto& version : summary.versions) {
    for (const auto& file : version.files) used.insert(file.digest);
  }
  const auto listed = artifacts.list().value();
  EXPECT_EQ(std::set<Digest>(listed.begin(), listed.end()), used);
}

TEST_F(Races, deploys_without_expectation_all_come_through) {
  given_versions(4);
  in_threads([&](int i) {
    for (int round = 0; round < 10; ++round) {
      const auto done = deploy(static_cast<model::VersionNumber>((i + round) % 4 + 1));
      EXPECT_TRUE(done.ok()) << message(done);
    }
  });
  const auto desired = registry->desired("production").value();
  EXPECT_EQ("version " + std::to_string(desired[0].record.split.shares()[0].version), points_to("production"));
}

TEST_F(Races, of_deploys_that_expect_the_same_revision_one_comes_through) {
  given_versions(kThreads + 1);
  ASSERT_TRUE(deploy(kThreads + 1).ok());
  std::atomic<int> won = 0;
  in_threads([&](int i) {
    const auto split = model::TrafficSplit::all_to(static_cast<model::VersionNumber>(i + 1));
    won += registry->deploy("production", name("fraud"), split, 1, eva).ok() ? 1 : 0;
  });
  EXPECT_EQ(won, 1);
}

TEST_F(Races, of_moves_of_an_alias_that_expect_the_same_one_comes_through_though_all_want_the_same) {
  given_versions(1);
  for (int round = 0; round < 200; ++round) {
    const auto champion = alias("champion-" + std::to_string(round));
    std::atomic<int> won = 0;
    in_threads([&](int) { won += registry->set_alias(name("fraud"), champion, 1, 0, eva).ok() ? 1 : 0; });
    ASSERT_EQ(won, 1) << "in round " << round;
  }
}

TEST_F(Races, a_version_is_never_both_retired_and_served_or_named) {
  for (int round = 0; round < 20; ++round) {
    const auto number = pushed("round " + std::to_string(round));
    in_threads([&](int i) {
      if (i % 3 == 0) static_cast<void>(registry->retire_version(name("fraud"), number, eva));
      if (i % 3 == 1) static_cast<void>(deploy(number));
      if (i % 3 == 2) static_cast<void>(registry->set_alias(name("fraud"), alias("champion"), number, {}, eva));
    });
    if (stage_of(number) == "retired") {
      EXPECT_NE(served(), "version " + std::to_string(number));
      EXPECT_NE(points_to("champion"), "version " + std::to_string(number));
    }
  }
}

TEST_F(Races, a_version_is_never_both_removed_and_served_or_named) {
  for (int round = 0; round < 20; ++round) {
    const auto number = pushed("round " + std::to_string(round));
    in_threads([&](int i) {
      if (i % 3 == 0) static_cast<void>(registry->remove_version(name("fraud"), number, eva));
      if (i % 3 == 1) static_cast<void>(deploy(number));
      if (i % 3 == 2) static_cast<void>(registry->set_alias(name("fraud"), alias("champion"), number, {}, eva));
    });
    const bool gone = stage_of(number) == "NotFound";
    if (gone) {
      EXPECT_NE(served(), "version " + std::to_string(number));
      EXPECT_NE(points_to("champion"), "version " + std::to_string(number));
    }
  }
}

}  // namespace
}  // namespace slipway::registry_scenarios
