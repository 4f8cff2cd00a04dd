// Judgement: what the evidence of a rollout says at one moment, and what it says it on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/model/verdict.h"
#include "domain/stats/interval.h"

namespace slipway::evidence {

// What one arm brought to a metric: units that counted, and how many of them were events (errors, answers slower than
// the threshold, labels that were right). Values without events, such as predictions, have a mean. A value.
struct ArmCount {
  std::uint64_t units = 0;
  std::uint64_t events = 0;
  std::optional<double> mean;
  bool operator==(const ArmCount&) const = default;
};

// One metric, over all units or one slice. E-values are given by their logarithms; a bar is what they have to reach.
// A value; what does not apply is absent.
struct Finding {
  std::string metric;
  std::string slice;               // empty: all units
  double log_harm = 0;             // ln E of "candidate is worse"
  double harm_bar = 0;             // ln(1 / (alpha w)): reached by this metric alone, it rolls back
  std::optional<double> log_safe;  // ln E of "not worse by the margin"; absent where the plan asks for none
  double safe_bar = 0;             // ln(1 / beta)
  std::optional<double> margin;    // what "not worse by" means, in the unit of the effect
  std::string effect_of;           // "risk ratio", "difference of means"
  std::optional<double> effect;    // as observed
  std::optional<stats::Interval> effect_interval;  // holds at every moment at once with 1 - alpha
  ArmCount control, candidate;
  double power = 0;  // that the design effect would have been found by now; 0 where none is stated
  bool operator==(const Finding&) const = default;
};

// What is missing until the evidence decides, if the versions are equal; about, and never a promise. A value.
struct Missing {
  std::string what;                     // "error_rate: 34 more errors", for people; empty if nothing is
  std::uint64_t requests = 0;           // of both arms together, at the present shares
  std::uint64_t events = 0;             // of the metric that needs longest
  std::optional<double> about_seconds;  // at the present rate; absent without traffic
  bool operator==(const Missing&) const = default;
};

// Fail: roll back, the evidence of harm reached 1/alpha or a fuse blew. Pass: promote, every guardrail is shown to be
// not worse by its margin, and the power asked for is reached. Inconclusive: hold; `reason` says why, `missing` what
// for. A strategy goes on to its next step on `may_advance` without Fail. A value; the same evidence gives the same.
struct Judgement {
  model::Verdict verdict = model::Verdict::Inconclusive;
  std::string reason;                     // for a person: metric, slice, e-value, threshold, counts
  double log_harm = 0;                    // ln of sum w E
  double harm_bar = 0;                    // ln(1 / alpha)
  std::vector<Finding> findings;          // the plan's metrics in order, then the slices that are named
  std::vector<std::string> named_slices;  // "metric in slice", by e-BH
  std::vector<std::string> holds;         // what forbids promotion and the next step: ratio mismatch, table full, ...
  bool has_power = false;                 // this exposure would have shown the design effects with the power asked
  bool is_amber = false;                  // evidence of harm is above a tenth of its bar
  bool may_advance = false;               // has_power, not amber, and nothing holds
  Missing missing;
  bool operator==(const Judgement&) const = default;
};

}  // namespace slipway::evidence
