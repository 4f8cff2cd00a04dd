#include "domain/gate/verdict.h"

#include <algorithm>

namespace slipway::gate {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Pass:
      return "pass";
    case Outcome::Fail:
      return "fail";
    case Outcome::Inconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

std::optional<Outcome> parse_outcome(std::string_view name) {
  for (const Outcome outcome : {Outcome::Pass, Outcome::Fail, Outcome::Inconclusive}) {
    if (name == name_of(outcome)) return outcome;
  }
  return std::nullopt;
}

Outcome worst_of(std::span<const Evidence> rows) {
  const auto has = [rows](Outcome outcome) {
    return std::any_of(rows.begin(), rows.end(), [outcome](const Evidence& row) { return row.outcome == outcome; });
  };
  if (has(Outcome::Fail)) return Outcome::Fail;
  return rows.empty() || has(Outcome::Inconclusive) ? Outcome::Inconclusive : Outcome::Pass;
}

Verdict conclude(std::vector<Evidence> rows, std::string when_passed, std::string when_empty) {
  const Outcome outcome = worst_of(rows);
  if (rows.empty()) return {outcome, std::move(when_empty), {}};
  if (outcome == Outcome::Pass) return {outcome, std::move(when_passed), std::move(rows)};
  const auto worst =
      std::find_if(rows.begin(), rows.end(), [outcome](const Evidence& row) { return row.outcome == outcome; });
  const auto others =
      std::count_if(worst + 1, rows.end(), [outcome](const Evidence& row) { return row.outcome == outcome; });
  std::string reason = worst->subject + ": " + worst->detail;
  if (others > 0) reason += " (and " + std::to_string(others) + " more)";
  return {outcome, std::move(reason), std::move(rows)};
}

}  // namespace slipway::gate
