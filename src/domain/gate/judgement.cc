#include "domain/gate/judgement.h"

#include <array>
#include <charconv>
#include <cmath>

namespace slipway::gate {

double two_sided(double confidence) {
  return 2 * confidence - 1;
}

double for_each_of(std::size_t rows, double confidence) {
  return 1 - (1 - confidence) / static_cast<double>(rows == 0 ? 1 : rows);
}

Outcome at_most(const stats::Interval& interval, double limit) {
  if (interval.high <= limit) return Outcome::Pass;
  return interval.low > limit ? Outcome::Fail : Outcome::Inconclusive;
}

Outcome at_least(const stats::Interval& interval, double limit) {
  if (interval.low >= limit) return Outcome::Pass;
  return interval.high < limit ? Outcome::Fail : Outcome::Inconclusive;
}

std::string text_of(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6).ptr;
  return {text.data(), end};
}

std::string text_of(const stats::Interval& interval) {
  return "[" + text_of(interval.low) + ", " + text_of(interval.high) + "]";
}

std::string plural(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string rows_needed(std::uint64_t rows, double value, double bound, double limit) {
  const double distance = std::abs(value - limit), reach = std::abs(bound - value);
  const double needed = static_cast<double>(rows) * (reach / distance) * (reach / distance);
  if (!(distance > 0) || !(needed < 1e15))
    return "the value lies so close to the limit that no number of rows decides it";
  return "about " + std::to_string(static_cast<std::uint64_t>(std::ceil(needed))) + " rows in all would decide it if " +
         text_of(value) + " stays the value";
}

Evidence judge_failures(std::string subject, const stats::Rate& failures, const FailureRule& rule, std::size_t of) {
  Evidence row{.subject = std::move(subject), .limit = rule.most, .count = failures.trials};
  if (failures.trials == 0 || failures.trials < rule.least_cases) {
    const std::uint64_t least = std::max<std::uint64_t>(rule.least_cases, 1);
    row.detail = "expected at least " + plural(least, "case") + ", found " + std::to_string(failures.trials) + ": " +
                 std::to_string(least - failures.trials) + " more needed";
    return row;
  }
  const Result<stats::Interval> bounds = stats::clopper_pearson(failures, two_sided(rule.confidence));
  if (!bounds.ok()) {
    row.detail = bounds.error().message;
    return row;
  }
  row.found = failures.value();
  row.interval = *bounds;
  const std::string seen = std::to_string(failures.successes) + " of " + plural(failures.trials, "case") + " failed";
  if (rule.most == 0) {
    row.outcome = failures.successes == 0 ? Outcome::Pass : Outcome::Fail;
    row.detail =
        failures.successes == 0 ? seen + "; so the rate is at most " + text_of(bounds->high) : seen + ", none may";
    return row;
  }
  row.outcome = at_most(*bounds, rule.most);
  if (row.outcome == Outcome::Fail) {  // once more at the level that holds for all rows together
    const auto strict = stats::clopper_pearson(failures, two_sided(for_each_of(of, rule.confidence)));
    if (!strict.ok() || strict->low <= rule.most) row.outcome = Outcome::Inconclusive;
  }
  row.detail = seen + ": a rate in " + text_of(*bounds) + ", at most " + text_of(rule.most) + " allowed";
  if (row.outcome != Outcome::Inconclusive) return row;
  const Result<std::uint64_t> without = stats::trials_to_exclude(rule.most, rule.confidence);
  if (failures.successes == 0 && without.ok()) {
    row.detail += "; " + std::to_string(*without) + " cases without a failure would pass";
  } else {
    row.detail += "; " + rows_needed(failures.trials, failures.value(),
                                     failures.value() > rule.most ? bounds->low : bounds->high, rule.most);
  }
  return row;
}

}  // namespace slipway::gate
