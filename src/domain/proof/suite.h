// Suite: what came of rollouts that were played, held against their targets.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/proof/rival_rules.h"
#include "domain/proof/scenario.h"

namespace slipway::proof {

// What one rollout came to. A value.
struct Outcome {
  bool is_rolled_back = false;
  bool is_promoted = false;
  bool was_safe = false;  // shown to be no worse by the margins, at a look
  double minutes = 0, candidate = 0, requests = 0, pairs = 0, information = 0;  // at the end
  std::uint32_t named = 0, named_falsely = 0;            // slices: 1 if slice 0 is; those that are not
  std::uint32_t worse = 0, found = 0, false_alarms = 0;  // of a series: worse versions, those rolled back, and others
  std::array<RivalEnd, kRivals.size()> rivals{};
};

struct Mean {
  double value = 0, standard_error = 0;
};

// What many rollouts of one scenario came to. A value.
struct Score {
  std::uint32_t rollouts = 0;
  std::uint32_t rolled_back = 0, promoted = 0, safe = 0, named = 0;
  double false_share = 0;              // mean share of false ones among the named
  std::uint32_t worse = 0, found = 0;  // of series
  Mean false_alarms;                   // the share of these among the rollbacks of a series
  Mean mean_information;               // of all, found or not
  std::vector<double> minutes, candidate, requests, pairs, information;            // at the rollbacks, sorted
  std::array<std::uint32_t, kRivals.size()> rivals{};                              // rolled back, by rule
  std::array<std::vector<double>, kRivals.size()> rival_minutes, rival_candidate;  // at their rollbacks, sorted

  double share_rolled_back() const { return static_cast<double>(rolled_back) / rollouts; }
  double share_of(Rival rival) const {
    return static_cast<double>(rivals.at(static_cast<std::size_t>(rival))) / rollouts;
  }
};
Score score_of(std::span<const Outcome> outcomes);  // Requires: not empty.

// The middle of all, where those that are not in `sorted` count as infinite; nullopt: it is.
std::optional<double> median(std::span<const double> sorted, std::uint64_t all);

struct Finding {
  bool is_kept = true;
  std::string text;  // "rolled back 3 of 200 (at most 16)"
};
// Each part of the scenario's target, and of what others have to come to, held against the score.
std::vector<Finding> hold_against(const Scenario& scenario, const Score& score);

// Whether the rule has anything to look at on this traffic, and is asked.
bool is_asked(const Scenario& scenario, Rival rival);

// The same traffic with an equal version and with one that errs twice as often: what a rule costs that is wrong, and
// what one that is late.
struct CostPair {
  std::string_view title, equal, worse;
};
inline constexpr std::array kCostPairs{CostPair{"10 requests/s", "AA1", "P2"},
                                       CostPair{"100 requests/s", "AA1f", "P10"},
                                       CostPair{"1000 requests/s", "AA1d", "P10b"},
                                       CostPair{"10 requests/s, an incident", "AA2c", "P10c"},
                                       CostPair{"100 requests/s, an incident", "AA2", "P10d"},
                                       CostPair{"1000 requests/s, an incident", "AA2d", "P10e"}};
// That no other rule rolls back equal versions as seldom and costs as few requests until it takes back a worse one.
std::vector<Finding> cost_of(const Score& equal, const Score& worse);

// A planned A/B test: the level of O'Brien and Fleming's boundary over 10 looks, and its power against one look's.
std::vector<Finding> planned_test();

}  // namespace slipway::proof
