// Suite: scenarios played many times, and what came of it held against their targets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "domain/proof/rival_rules.h"
#include "domain/proof/scenario.h"

namespace slipway::proof {

// What many rollouts of one scenario came to. A value.
struct Score {
  std::uint32_t rollouts = 0;
  std::uint32_t rolled_back = 0;
  std::uint32_t promoted = 0;                  // before any rollback
  std::uint32_t safe = 0;                      // ever shown to be no worse by the margins, rolled back or not
  std::uint32_t named = 0, named_falsely = 0;  // rollouts with slice 0 named; slices named that are not
  double false_share = 0;                      // mean share of false ones among the named
  std::vector<double> minutes, candidate, requests, information;  // at the rollback, sorted
  std::array<std::uint32_t, kRivals.size()> rivals{};             // rolled back, by rule
  std::uint32_t asymptotic = 0;

  double share_rolled_back() const { return static_cast<double>(rolled_back) / rollouts; }
};

// Rollout number i has the seed `seed` + i. Requires: rollouts > 0; a scenario whose plan is sound.
Score play(const Scenario& scenario, std::uint32_t rollouts, std::uint64_t seed);

struct Finding {
  bool is_kept = true;
  std::string text;  // "rolled back 3 of 200 (at most 16)"
};
// Each part of the target, held against the score.
std::vector<Finding> hold_against(const Target& target, const Score& score);

// A planned A/B test: the level of O'Brien and Fleming's boundary over 10 looks, and its power against one look's.
std::vector<Finding> planned_test();

}  // namespace slipway::proof
