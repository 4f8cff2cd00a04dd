// Less of the same traffic may leave evidence undecided, and never turns a rollback into a promotion or back.
#include <gtest/gtest.h>

#include "domain/evidence/evidence.h"
#include "domain/proof/traffic.h"

namespace slipway::proof {
namespace {

using model::Verdict;

// What is decided first, of the candidate's half of the traffic of which one answer in `thinned` is seen.
Verdict first_verdict(double error_ratio, std::uint64_t thinned, std::uint64_t seed) {
  const evidence::EvidencePlan plan{
      .alpha = 0.001, .beta = 0.001, .metrics = {{.name = "error_rate", .margin_ratio = 2, .design = 3}}};
  auto evidence = evidence::Evidence::create(plan).value();
  // Single answers, so that those that are left out can be chosen.
  Traffic traffic({.per_second = 100, .error_rate = 0.02, .has_latency = true, .error_ratio = error_ratio}, seed);
  stats::Xoshiro256 random(~seed);
  while (const auto answer = traffic.next(2'000, 0.5)) {
    if (random.below(thinned) != 0) continue;
    evidence.observe(*answer);
    if (evidence.verdict() != Verdict::Inconclusive) return evidence.verdict();
  }
  return Verdict::Inconclusive;
}

TEST(Thinning, never_turns_one_decision_into_the_other) {
  for (const auto& [ratio, opposite] : {std::pair(1.0, Verdict::Fail), std::pair(3.0, Verdict::Pass)}) {
    std::uint32_t decided = 0;
    for (std::uint64_t seed = 1; seed <= 15; ++seed) {
      for (const std::uint64_t thinned : {1, 2, 8}) {
        const Verdict verdict = first_verdict(ratio, thinned, seed);
        EXPECT_NE(verdict, opposite) << "ratio " << ratio << ", one in " << thinned << ", seed " << seed;
        decided += verdict != Verdict::Inconclusive ? 1 : 0;
      }
    }
    EXPECT_GT(decided, 30U) << ratio;
  }
}

}  // namespace
}  // namespace slipway::proof
