// Scenarios: what a rollout's evidence promises, each on its own traffic: AA where nothing is wrong, P where something
// is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/proof/rival_rules.h"
#include "domain/proof/traffic.h"

namespace slipway::proof {

// What is asked of many rollouts. Shares are judged by binomial bounds of 97.5 %, medians by the count on their side. A
// value; what is not asked is absent.
struct Target {
  std::optional<double> most_rollbacks;      // share: nothing is wrong
  std::optional<double> least_rollbacks;     // share: something is
  std::optional<double> median_minutes;      // to the rollback, at most
  std::optional<double> median_candidate;    // requests that the candidate had until then, at most
  std::optional<double> median_requests;     // of both arms
  std::optional<double> median_pairs;        // in the shadow
  std::optional<double> oracle_ratio;        // information used, median and mean, of what ln(1/alpha) needs
  std::optional<double> least_promotions;    // share
  std::optional<double> most_promotions;     // share
  std::optional<double> most_safe;           // share of those shown to be safe at any moment
  std::optional<double> least_named;         // share of rollouts in which slice 0 is named
  std::optional<double> most_named_falsely;  // share of false ones among the slices that are named
  std::optional<double> most_false_share;    // of a series: share of false ones among its rollbacks
  std::optional<double> least_found;         // of a series: share of its worse versions that are rolled back
  bool is_violated = false;  // a control: the bound on rollbacks has to be broken, or the harness shows nothing
};

// What a rule of others has to come to on this traffic, as share of rollouts that it rolls back.
struct RivalTarget {
  Rival rival;
  double least = 0;
  double most = 1;
};

// What happens to the controller.
enum class Trouble : std::uint8_t {
  None,
  Kills,      // it is killed
  Mixed,      // it is killed, its clock jumps, its evidence cannot be read at times, values are no numbers
  NoSource,   // its evidence can never be read
  NoNumbers,  // no latency is a number
  Hands,      // somebody sets any weight, and lets it go on
};

// What is wrong with the rule that is tried: controls, which the suite has to find.
enum class Fault : std::uint8_t {
  None,
  BeginsAnew,  // its evidence begins anew at each step of the ramp
};

// Rollouts of one model, one after the other: what its plan promises over all of them is asked of each series.
struct Series {
  std::uint32_t rollouts = 1;
  std::uint32_t worse_one_in = 1;  // errs by the course's ratio, the others as control; 0: none does
};

struct Scenario {
  std::string id;
  std::string what;
  Course course;
  std::string plan;  // as a user writes it: docs/formats/rollout-plan.md, evidence-plan.md
  Target target;
  std::vector<RampStep> rivals_ramp;  // others go by this; empty: they look at our traffic
  std::vector<RivalTarget> rivals;    // none: they are not asked
  Trouble trouble = Trouble::None;
  std::uint32_t troubled_one_in = 60;  // looks, by each kind; 0: by none
  Fault fault = Fault::None;
  Series series{};
  std::uint32_t least_rollouts = 0;  // fewer would not show it
};

std::vector<Scenario> scenarios();
std::vector<Scenario> equal_versions();  // of these: AA
std::vector<Scenario> worse_versions();  // P

}  // namespace slipway::proof
