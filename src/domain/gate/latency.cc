// The latency gate: quantiles of single executions, with intervals for any distribution, against a budget or the live
// version on the same machine.
#include <algorithm>
#include <cmath>

#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"
#include "domain/stats/quantile.h"

namespace slipway::gate {
namespace {

struct Asked {
  const LatencyBudget& budget;
  const LatencySample& sample;
  double confidence;
  std::size_t checks;  // that may fail the gate
};

double micros(Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

std::string quantile_name(double q) {
  return "p" + text_of(100 * q);
}

std::string to_bound(double q, double level, std::size_t measured) {
  const Result<std::uint64_t> least = stats::values_to_bound(q, level);
  if (!least.ok() || *least <= measured) return "more executions would narrow it";
  return "expected at least " + std::to_string(*least) + " executions to bound it, found " + std::to_string(measured) +
         ": " + std::to_string(*least - measured) + " more needed";
}

std::string more_of(double value, const stats::Interval& interval, double limit, std::size_t measured) {
  const double bound = value > limit ? interval.low : interval.high;
  return rows_needed(measured, value, bound, limit);
}

Result<Evidence> against_budget(const Asked& asked) {
  const double q = asked.budget.quantile, limit = micros(*asked.budget.budget);
  const std::vector<double>& times = asked.sample.candidate;
  const double level = two_sided(asked.confidence);
  Evidence row{.limit = limit, .count = times.size()};
  row.found = TRY(stats::quantile(times, q));
  row.interval = TRY(stats::quantile_interval(times, q, level));
  const double strict = two_sided(for_each_of(asked.checks, asked.confidence));
  row.outcome = at_most(*row.interval, limit);
  if (row.outcome == Outcome::Fail && TRY(stats::quantile_interval(times, q, strict)).low <= limit) {
    row.outcome = Outcome::Inconclusive;
  }
  row.detail =
      text_of(*row.found) + " us, in " + text_of(*row.interval) + ", at most " + text_of(limit) + " us allowed";
  if (row.outcome == Outcome::Inconclusive) {
    row.detail += "; " + (std::isinf(row.interval->high) ? to_bound(q, level, times.size())
                                                         : more_of(*row.found, *row.interval, limit, times.size()));
  }
  return row;
}

// The ratio of two quantiles: each bounded at half of the error, so both hold together.
Result<stats::Interval> ratio_interval(const Asked& asked, double level) {
  const double each = (1 + level) / 2;
  const stats::Interval now = TRY(stats::quantile_interval(asked.sample.candidate, asked.budget.quantile, each));
  const stats::Interval before = TRY(stats::quantile_interval(asked.sample.live, asked.budget.quantile, each));
  const double low = std::max(0.0, now.low) / before.high;
  return stats::Interval{std::isfinite(before.high) ? low : 0,
                         before.low > 0 ? now.high / before.low : std::numeric_limits<double>::infinity()};
}

Result<Evidence> against_live(const Asked& asked) {
  const double q = asked.budget.quantile, limit = *asked.budget.ratio_to_live;
  const std::size_t measured = std::min(asked.sample.candidate.size(), asked.sample.live.size());
  const double level = two_sided(asked.confidence);
  const double now = TRY(stats::quantile(asked.sample.candidate, q));
  const double before = TRY(stats::quantile(asked.sample.live, q));
  if (!(before > 0)) return invalid_input("expected times above 0 of the live version, found " + text_of(before));
  Evidence row{.found = now / before, .limit = limit, .reference = before, .count = measured};
  row.interval = TRY(ratio_interval(asked, level));
  row.outcome = at_most(*row.interval, limit);
  if (row.outcome == Outcome::Fail) {
    const stats::Interval strict = TRY(ratio_interval(asked, two_sided(for_each_of(asked.checks, asked.confidence))));
    if (strict.low <= limit) row.outcome = Outcome::Inconclusive;
  }
  row.detail = text_of(now) + " us are " + text_of(now / before) + " times the live version's " + text_of(before) +
               " us, in " + text_of(*row.interval) + ", at most " + text_of(limit) + " allowed";
  if (row.outcome == Outcome::Inconclusive) {
    row.detail += "; " + (std::isinf(row.interval->high) ? to_bound(q, (1 + level) / 2, measured)
                                                         : more_of(now / before, *row.interval, limit, measured));
  }
  return row;
}

void add(std::vector<Evidence>& rows, const std::string& subject, Result<Evidence> judged) {
  Evidence row = judged.ok() ? std::move(judged).value() : Evidence{.detail = judged.error().message};
  row.subject = subject;
  rows.push_back(std::move(row));
}

}  // namespace

Verdict judge_latency(const LatencyPolicy& policy, const LatencyMeasurement& measured) {
  std::size_t checks = 0;
  for (const LatencyBudget& budget : policy.budgets) {
    checks += (budget.budget ? 1U : 0U) + (budget.ratio_to_live ? 1U : 0U);
  }
  std::vector<Evidence> rows;
  for (const LatencyBudget& budget : policy.budgets) {
    const std::string subject = quantile_name(budget.quantile) + " at " + plural(budget.rows, "row");
    const auto sample = std::find_if(measured.samples.begin(), measured.samples.end(),
                                     [&](const LatencySample& one) { return one.rows == budget.rows; });
    if (sample == measured.samples.end() || sample->candidate.empty()) {
      rows.push_back({.subject = subject, .detail = "no execution of " + plural(budget.rows, "row") + " was measured"});
      continue;
    }
    const Asked asked{budget, *sample, policy.confidence, checks};
    if (budget.budget) add(rows, subject, against_budget(asked));
    if (!budget.ratio_to_live) continue;
    const std::string relative = subject + " against the live version";
    if (!sample->live.empty()) {
      add(rows, relative, against_live(asked));
    } else if (measured.has_live) {
      rows.push_back({.subject = relative, .detail = "the live version was not measured"});
    } else {
      rows.push_back({.subject = relative, .outcome = Outcome::Pass, .detail = "no version is live"});
    }
  }
  return conclude(std::move(rows), "every quantile keeps to its limit", "no budget is declared");
}

}  // namespace slipway::gate
