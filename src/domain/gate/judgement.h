// How a gate reads an estimate against a limit, and how it says so.
#pragma once

#include <cstdint>
#include <string>

#include "domain/gate/verdict.h"
#include "domain/stats/interval.h"
#include "domain/stats/proportion.h"

namespace slipway::gate {

// The two-sided level of an interval whose bounds each hold at `confidence` by themselves: 0.9 for 0.95.
double two_sided(double confidence);
// `confidence` for one of `rows` that may each fail a gate, so that it holds for all of them together (Bonferroni).
double for_each_of(std::size_t rows, double confidence);

// Pass if the whole interval keeps to the limit, Fail if none of it does, Inconclusive between. The limit itself is
// kept.
Outcome at_most(const stats::Interval& interval, double limit);
Outcome at_least(const stats::Interval& interval, double limit);

std::string text_of(double value);                               // six digits
std::string text_of(const stats::Interval& interval);            // "[0.81, 0.87]"
std::string plural(std::uint64_t count, std::string_view noun);  // "1 row", "2 rows"

// "about 1200 rows in all would decide it if 0.83 stays the value": an interval shrinks with the square root of the
// rows. `bound` is the end of the interval that is to pass the limit.
std::string rows_needed(std::uint64_t rows, double value, double bound, double limit);

// A rate of failures held against the most that may fail. 0 allows none: then one failure fails, and none passes with
// the bound that so many cases give. `of` rows may fail the gate.
struct FailureRule {
  double most = 0;
  double confidence = 0.95;
  std::uint64_t least_cases = 1;
};
Evidence judge_failures(std::string subject, const stats::Rate& failures, const FailureRule& rule, std::size_t of);

}  // namespace slipway::gate
