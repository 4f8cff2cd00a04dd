// The slices gate: no declared part of the hold-out data is left behind, with the number of slices reckoned with.
#include <algorithm>

#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"
#include "domain/gate/metric_estimate.h"

namespace slipway::gate {
namespace {

struct Asked {
  const SlicesPolicy& policy;
  const HoldOut& data;
  const Resampling& resampling;
  std::size_t checks;  // that may fail the gate
};

// A slice's rows at most once each, and existing.
Result<void> check_slice(const Slice& slice, std::size_t rows) {
  std::vector<bool> seen(rows, false);
  for (const std::uint32_t row : slice.rows) {
    if (row >= rows)
      return invalid_input("expected rows below " + std::to_string(rows) + ", found " + std::to_string(row));
    if (seen[row]) return invalid_input("row " + std::to_string(row) + " is in it twice");
    seen[row] = true;
  }
  return {};
}

// `estimated(level)` gives the estimate; `judged` the outcome of an interval.
template <class Estimated, class Judged>
Result<Evidence> judge_with(const Asked& asked, const Slice& slice, const Estimated& estimated, const Judged& judged,
                            double limit) {
  const Estimate found = TRY(estimated(two_sided(asked.policy.confidence)));
  Evidence row{.subject = "slice " + slice.name,
               .outcome = judged(found.interval),
               .found = found.value,
               .interval = found.interval,
               .limit = limit,
               .count = slice.rows.size()};
  if (row.outcome == Outcome::Fail && asked.checks > 1) {
    const Estimate strict = TRY(estimated(two_sided(for_each_of(asked.checks, asked.policy.confidence))));
    if (judged(strict.interval) != Outcome::Fail) row.outcome = Outcome::Inconclusive;
  }
  row.detail = text_of(found.value) + ", in " + text_of(found.interval) + " (" + found.method + ")";
  if (row.outcome == Outcome::Inconclusive) {
    const bool above = found.value > limit;
    row.detail +=
        "; " + rows_needed(slice.rows.size(), found.value, above ? found.interval.low : found.interval.high, limit);
  }
  return row;
}

Result<Evidence> against_threshold(const Asked& asked, const Slice& slice) {
  const double limit = *asked.policy.threshold;
  const bool larger = is_better_when_larger(asked.policy.metric);
  const auto estimated = [&](double level) {
    return estimate(asked.data, asked.policy.metric, slice.rows, level, asked.resampling);
  };
  const auto judged = [&](const stats::Interval& interval) {
    return larger ? at_least(interval, limit) : at_most(interval, limit);
  };
  Evidence row = TRY(judge_with(asked, slice, estimated, judged, limit));
  row.detail = std::string(name_of(asked.policy.metric)) + " " + row.detail + ", at " + (larger ? "least " : "most ") +
               text_of(limit) + " asked";
  return row;
}

Result<Evidence> against_others(const Asked& asked, const Slice& slice) {
  const double limit = 0 - *asked.policy.gap;
  const auto estimated = [&](double level) {
    return estimate_lead(asked.data, asked.policy.metric, slice.rows, level, asked.resampling);
  };
  const auto judged = [&](const stats::Interval& interval) { return at_least(interval, limit); };
  Evidence row = TRY(judge_with(asked, slice, estimated, judged, limit));
  row.subject += " against the others";
  row.detail = "a lead of " + row.detail + ", at least " + text_of(limit) + " asked";
  return row;
}

void judge_slice(const Asked& asked, const Slice& slice, std::vector<Evidence>& rows) {
  const auto add = [&](Result<Evidence> judged) {
    rows.push_back(judged.ok() ? std::move(judged).value()
                               : Evidence{.subject = "slice " + slice.name, .detail = judged.error().message});
  };
  const std::uint64_t least = std::max<std::uint64_t>(asked.policy.least_rows, 1);
  if (const Result<void> usable = check_slice(slice, asked.data.rows()); !usable.ok()) {
    rows.push_back({.subject = "slice " + slice.name, .detail = usable.error().message});
  } else if (slice.rows.size() < least) {
    rows.push_back({.subject = "slice " + slice.name,
                    .count = slice.rows.size(),
                    .detail = "expected at least " + plural(least, "row") + ", found " +
                              std::to_string(slice.rows.size()) + ": " + std::to_string(least - slice.rows.size()) +
                              " more needed"});
  } else {
    if (asked.policy.threshold) add(against_threshold(asked, slice));
    if (asked.policy.gap) add(against_others(asked, slice));
  }
}

}  // namespace

Verdict judge_slices(const SlicesPolicy& policy, const SlicesMeasurement& measured, const Resampling& resampling) {
  const HoldOut& data = measured.data;
  if (const Result<void> usable = check(data); !usable.ok()) {
    return {Outcome::Inconclusive, "evaluation data: " + usable.error().message, {}};
  }
  if (const Result<void> answers = check_answers(data); !answers.ok()) {
    return {Outcome::Fail, answers.error().message, {}};
  }
  const std::size_t kinds = (policy.threshold ? 1U : 0U) + (policy.gap ? 1U : 0U);
  const Asked asked{policy, data, resampling, kinds * measured.slices.size()};
  std::vector<Evidence> rows;
  for (const Slice& slice : measured.slices) judge_slice(asked, slice, rows);
  // The worst slice first: by how far it lies on the wrong side of its limit.
  const bool larger = is_better_when_larger(policy.metric);
  const auto shortfall = [larger](const Evidence& row) {
    if (!row.found || !row.limit) return -std::numeric_limits<double>::infinity();
    const bool is_lead = row.subject.ends_with("against the others");
    return larger || is_lead ? *row.limit - *row.found : *row.found - *row.limit;
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Evidence& a, const Evidence& b) { return shortfall(a) > shortfall(b); });
  return conclude(std::move(rows), plural(measured.slices.size(), "slice") + " keep up",
                  kinds == 0 ? "no rule is declared" : "no slice is declared");
}

}  // namespace slipway::gate
