// Scenarios: what a rollout's evidence promises, each on its own traffic: AA where nothing is wrong, P where something
// is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/evidence/plan.h"
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
  std::optional<double> oracle_ratio;        // median information used, of what ln(1/alpha) needs
  std::optional<double> least_promotions;    // share
  std::optional<double> most_promotions;     // share of those ever shown to be safe, rollback or not
  std::optional<double> least_named;         // share of rollouts in which slice 0 is named
  std::optional<double> most_named_falsely;  // share of false ones among the slices that are named
  bool is_violated = false;  // a control: the bound on rollbacks has to be broken, or the harness shows nothing
};

struct Scenario {
  std::string id;
  std::string what;
  Course course;
  evidence::EvidencePlan plan;
  Target target;
  bool has_rivals = false;      // the rules of others look at the same traffic
  bool has_asymptotic = false;  // so does an asymptotic confidence sequence of the outcome
  bool has_faults = false;      // restarts, a clock that jumps, values that are no numbers
};

std::vector<Scenario> scenarios();

}  // namespace slipway::proof
