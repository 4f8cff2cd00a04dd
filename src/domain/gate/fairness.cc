// The fairness gate: rates of declared groups, as far apart at most as declared, with intervals over all pairs.
#include <algorithm>

#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"
#include "domain/stats/fairness.h"

namespace slipway::gate {
namespace {

using Rates = std::vector<stats::Rate>;

struct Groups {
  const std::vector<FairnessGroup>& all;
  Rates predicted, of_positives, of_negatives;
};

Groups rates_of(const std::vector<FairnessGroup>& groups) {
  Groups rates{groups, {}, {}, {}};
  for (const FairnessGroup& group : groups) {
    rates.predicted.push_back({group.predicted_positive, group.rows});
    rates.of_positives.push_back({group.true_positives, group.positives});
    rates.of_negatives.push_back({group.false_positives, group.negatives});
  }
  return rates;
}

enum class Side : std::uint8_t { AtMost, AtLeast };

template <class Measure>
Evidence judge_gap(std::string subject, const Groups& groups, const FairnessPolicy& policy, double limit, Side side,
                   std::size_t checks, const Measure& measure) {
  Evidence row{.subject = std::move(subject), .limit = limit};
  for (const FairnessGroup& group : groups.all) row.count += group.rows;
  const Result<stats::RateGap> gap = measure(two_sided(policy.confidence));
  if (!gap.ok()) {
    row.detail = gap.error().message;
    return row;
  }
  const auto judged = [&](const stats::Interval& interval) {
    return side == Side::AtMost ? at_most(interval, limit) : at_least(interval, limit);
  };
  row.found = gap->value;
  row.interval = gap->interval;
  row.outcome = judged(gap->interval);
  if (row.outcome == Outcome::Fail && checks > 1) {
    const Result<stats::RateGap> strict = measure(two_sided(for_each_of(checks, policy.confidence)));
    if (!strict.ok() || judged(strict->interval) != Outcome::Fail) row.outcome = Outcome::Inconclusive;
  }
  row.detail = text_of(gap->value) + " between '" + groups.all[gap->largest].name + "' and '" +
               groups.all[gap->smallest].name + "', in " + text_of(gap->interval) + ", at " +
               (side == Side::AtMost ? "most " : "least ") + text_of(limit) + " asked";
  if (row.outcome == Outcome::Inconclusive) {
    const double bound = gap->value > limit ? gap->interval.low : gap->interval.high;
    row.detail += "; " + rows_needed(row.count, gap->value, bound, limit);
  }
  return row;
}

bool has_small_group(const FairnessMeasurement& measured, std::uint64_t least, std::vector<Evidence>& rows) {
  bool found = false;
  for (const FairnessGroup& group : measured.groups) {
    if (group.rows >= least) continue;
    found = true;
    rows.push_back({.subject = "group '" + group.name + "'",
                    .count = group.rows,
                    .detail = "expected at least " + plural(least, "row") + ", found " + std::to_string(group.rows) +
                              ": " + std::to_string(least - group.rows) + " more needed"});
  }
  return found;
}

void judge_groups(const FairnessPolicy& policy, const FairnessMeasurement& measured, std::size_t checks,
                  std::vector<Evidence>& rows) {
  const Groups groups = rates_of(measured.groups);
  const auto add = [&](const char* subject, double limit, Side side, const auto& measure) {
    rows.push_back(judge_gap(subject, groups, policy, limit, side, checks, measure));
  };
  if (policy.parity_difference) {
    add("demographic parity difference", *policy.parity_difference, Side::AtMost,
        [&](double level) { return stats::rate_gap(groups.predicted, level); });
  }
  if (policy.parity_ratio) {
    add("demographic parity ratio", *policy.parity_ratio, Side::AtLeast,
        [&](double level) { return stats::rate_quotient(groups.predicted, level); });
  }
  if (policy.opportunity_difference) {
    add("equal opportunity difference", *policy.opportunity_difference, Side::AtMost,
        [&](double level) { return stats::rate_gap(groups.of_positives, level); });
  }
  if (policy.odds_difference) {
    add("equalized odds difference", *policy.odds_difference, Side::AtMost,
        [&](double level) { return stats::odds_gap(groups.of_positives, groups.of_negatives, level); });
  }
}

}  // namespace

Verdict judge_fairness(const FairnessPolicy& policy, const std::vector<FairnessMeasurement>& measured) {
  const std::size_t kinds = (policy.parity_difference ? 1U : 0U) + (policy.parity_ratio ? 1U : 0U) +
                            (policy.opportunity_difference ? 1U : 0U) + (policy.odds_difference ? 1U : 0U);
  const std::uint64_t least = std::max<std::uint64_t>(policy.least_rows, 1);
  std::vector<Evidence> rows;
  for (const FairnessMeasurement& attribute : measured) {
    if (attribute.groups.size() < 2) {
      rows.push_back({.subject = "groups",
                      .detail = "expected at least two groups, found " + std::to_string(attribute.groups.size())});
    } else if (!has_small_group(attribute, least, rows)) {
      judge_groups(policy, attribute, kinds * measured.size(), rows);
    }
  }
  return conclude(std::move(rows), "the groups lie within their limits",
                  kinds == 0 ? "no limit is declared" : "no group was measured");
}

}  // namespace slipway::gate
