#include "adapter/probe_process/memory_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace slipway::probe_process {
namespace {

using Verdict = ports::ProbeOutcome::Verdict;

// 0: had it; 1: was refused.
int exit_code_of_taking(std::size_t bytes) {
  const std::unique_ptr<void, void (*)(void*)> taken(std::malloc(bytes), std::free);
  return taken ? 0 : 1;
}

TEST(MemoryLimitDeathTest, more_than_is_allowed_is_refused_and_less_is_not) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto taking = [](std::size_t bytes) {
    const int expected = limit_memory(mebibytes(64)) ? exit_code_of_taking(bytes) : bytes > (1U << 30) ? 1 : 0;
    _exit(expected);
  };
  EXPECT_EXIT(taking(std::size_t{2} << 30), testing::ExitedWithCode(1), "");
  EXPECT_EXIT(taking(std::size_t{48} << 20), testing::ExitedWithCode(0), "");
}

TEST(MemoryLimitDeathTest, a_limit_beyond_every_address_is_none) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        limit_memory(Bytes{~std::uint64_t{0}});
        _exit(exit_code_of_taking(std::size_t{1} << 30));
      },
      testing::ExitedWithCode(0), "");
}

TEST(MemoryLimit, refused_memory_is_the_candidates_failure) {
  const auto judgement =
      judged({Verdict::Inconclusive, "Failed to allocate memory for requested buffer", {}}, mebibytes(64));
  EXPECT_EQ(judgement.verdict, Verdict::Failed);
  EXPECT_EQ(judgement.reason,
            "limits.memory: expected to load and run within 64MiB, found that it asked for more: Failed to allocate "
            "memory for requested buffer");
}

TEST(MemoryLimit, any_other_outcome_stays) {
  EXPECT_EQ(judged({Verdict::Inconclusive, "the plugin is not there", {}}, mebibytes(64)).verdict,
            Verdict::Inconclusive);
  EXPECT_EQ(judged({Verdict::Failed, "golden example 1 differs", {}}, mebibytes(64)).reason,
            "golden example 1 differs");
  EXPECT_EQ(judged({Verdict::Passed, "", {}}, mebibytes(64)).verdict, Verdict::Passed);
}

}  // namespace
}  // namespace slipway::probe_process
