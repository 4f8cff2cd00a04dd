// The quality gate: metrics on labelled hold-out rows, against a threshold, or better or not worse than the live
// version.
#include <cmath>

#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"
#include "domain/gate/metric_estimate.h"

namespace slipway::gate {
namespace {

struct Asked {
  const QualityPolicy& policy;
  const HoldOut& data;
  const std::vector<std::uint32_t>& rows;
  const Resampling& resampling;
};

Evidence row_of(const Estimate& found, std::size_t rows) {
  return {.found = found.value, .interval = found.interval, .count = rows};
}

Result<Evidence> against_threshold(const QualityRule& rule, const Asked& asked) {
  const Estimate found =
      TRY(estimate(asked.data, rule.metric, asked.rows, two_sided(asked.policy.confidence), asked.resampling));
  Evidence row = row_of(found, asked.rows.size());
  const bool larger = is_better_when_larger(rule.metric);
  const double limit = *rule.threshold;
  row.limit = limit;
  row.outcome = larger ? at_least(found.interval, limit) : at_most(found.interval, limit);
  row.detail = text_of(found.value) + ", in " + text_of(found.interval) + " (" + found.method + "), at " +
               (larger ? "least " : "most ") + text_of(limit) + " asked";
  if (row.outcome == Outcome::Inconclusive) {
    const double bound = found.value < limit ? found.interval.high : found.interval.low;
    row.detail += "; " + rows_needed(asked.rows.size(), found.value, bound, limit);
  }
  return row;
}

// Both kinds look at the gain: above 0 is better, above -margin is not worse.
Result<Evidence> against_live(const QualityRule& rule, const Asked& asked) {
  const Estimate gain =
      TRY(estimate_gain(asked.data, rule.metric, asked.rows, two_sided(asked.policy.confidence), asked.resampling));
  Evidence row = row_of(gain, asked.rows.size());
  const double margin = rule.live == Against::Better ? 0 : rule.margin;
  row.limit = 0 - margin;
  switch (stats::inferiority(gain.interval, margin)) {
    case stats::Inferiority::NotInferior:
      row.outcome = Outcome::Pass;
      break;
    case stats::Inferiority::Inferior:
      row.outcome = Outcome::Fail;
      break;
    case stats::Inferiority::Undecided:
      row.outcome = Outcome::Inconclusive;
      break;
  }
  row.detail = "a gain of " + text_of(gain.value) + ", in " + text_of(gain.interval) + " (" + gain.method +
               "), more than " + text_of(0 - margin) + " asked";
  if (row.outcome == Outcome::Inconclusive) {
    const double bound = gain.value < -margin ? gain.interval.high : gain.interval.low;
    row.detail += "; " + rows_needed(asked.rows.size(), gain.value, bound, -margin);
  }
  return row;
}

void add(std::vector<Evidence>& rows, std::string subject, Result<Evidence> judged) {
  Evidence row = judged.ok() ? std::move(judged).value() : Evidence{.detail = judged.error().message};
  row.subject = std::move(subject);
  rows.push_back(std::move(row));
}

}  // namespace

Verdict judge_quality(const QualityPolicy& policy, const QualityMeasurement& measured, const Resampling& resampling) {
  const HoldOut& data = measured.data;
  if (const Result<void> usable = check(data); !usable.ok()) {
    return {Outcome::Inconclusive, "evaluation data: " + usable.error().message, {}};
  }
  if (const Result<void> answers = check_answers(data); !answers.ok()) {
    return {Outcome::Fail, answers.error().message, {}};
  }
  const std::uint64_t least = std::max<std::uint64_t>(policy.least_rows, 1);
  if (data.rows() < least) {
    return {Outcome::Inconclusive,
            "expected at least " + plural(least, "labelled row") + ", found " + std::to_string(data.rows()) + ": " +
                std::to_string(least - data.rows()) + " more needed",
            {}};
  }
  const std::vector<std::uint32_t> every = all_rows(data);
  const Asked asked{policy, data, every, resampling};
  std::vector<Evidence> rows;
  for (const QualityRule& rule : policy.rules) {
    const std::string metric(name_of(rule.metric));
    if (rule.threshold) add(rows, metric, against_threshold(rule, asked));
    if (rule.live == Against::Nothing) continue;
    const std::string relative = metric + " against the live version";
    if (data.live) {
      add(rows, relative, against_live(rule, asked));
    } else if (data.has_live) {
      rows.push_back({.subject = relative, .detail = "the live version gave no predictions for these rows"});
    } else {
      rows.push_back({.subject = relative, .outcome = Outcome::Pass, .detail = "no version is live"});
    }
  }
  return conclude(std::move(rows), "every metric meets its rule on " + plural(data.rows(), "row"),
                  "no rule is declared");
}

}  // namespace slipway::gate
