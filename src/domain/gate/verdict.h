// Verdict: what a gate says of a version, with the evidence that it says it on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/stats/interval.h"

namespace slipway::gate {

// Inconclusive never promotes: it leaves the version where it is, to be validated again with more evidence.
enum class Outcome : std::uint8_t { Pass, Fail, Inconclusive };
std::string_view name_of(Outcome outcome);  // "pass", "fail", "inconclusive"
std::optional<Outcome> parse_outcome(std::string_view name);

// One row of evidence. A value; what does not apply is absent.
struct Evidence {
  std::string subject;  // what was looked at: "p99 at 1 row", "slice country=DE", "input 'x'"
  Outcome outcome = Outcome::Inconclusive;
  std::optional<double> found;
  std::optional<stats::Interval> interval;  // of what was found
  std::optional<double> limit;              // what it was held against
  std::optional<double> reference;          // the live version's, or the overall value
  std::uint64_t count = 0;                  // observations behind it
  std::string detail;                       // expected, found, where; how much more is needed
};

// A value. `reason` tells a person why, also for Pass.
struct Verdict {
  Outcome outcome = Outcome::Inconclusive;
  std::string reason;
  std::vector<Evidence> evidence;
};

// Fail if one failed, else Inconclusive if one is, else Pass; of nothing Inconclusive.
Outcome worst_of(std::span<const Evidence> rows);

// The verdict over rows that each carry their outcome: the worst of them, with the first worst row as the reason, or
// `when_passed`. No rows: Inconclusive with `when_empty`.
Verdict conclude(std::vector<Evidence> rows, std::string when_passed, std::string when_empty);

}  // namespace slipway::gate
