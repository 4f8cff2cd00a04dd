#include "domain/proof/rival_rules.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "domain/stats/quantile.h"

namespace slipway::proof {
namespace {

double rate(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double p99(const std::vector<double>& values) {
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  return stats::quantile_of_sorted(sorted, 0.99);
}

bool pooled_z(std::span<const Minute> minutes) {
  std::array<double, 2> errors{}, requests{};
  for (const Minute& minute : minutes) {
    for (std::size_t arm = 0; arm < 2; ++arm) {
      errors.at(arm) += static_cast<double>(minute.errors.at(arm));
      requests.at(arm) += static_cast<double>(minute.requests.at(arm));
    }
  }
  if (requests[0] == 0 || requests[1] == 0) return false;
  const double all = (errors[0] + errors[1]) / (requests[0] + requests[1]);
  const double deviation = std::sqrt(all * (1 - all) * (1 / requests[0] + 1 / requests[1]));
  if (!(deviation > 0)) return false;
  return (errors[1] / requests[1] - errors[0] / requests[0]) / deviation > 1.959963984540054;
}

bool above_thresholds(const Minute& minute) {
  if (rate(minute.errors[1], minute.requests[1]) > 0.05) return true;
  if (minute.latencies[0].empty() || minute.latencies[1].empty()) return false;
  return p99(minute.latencies[1]) > 1.5 * p99(minute.latencies[0]);
}

bool fails_flagger(const Minute& minute) {
  if (minute.requests[1] == 0) return true;  // "no values found" is a failed check
  if (rate(minute.errors[1], minute.requests[1]) > 0.01) return true;
  return !minute.latencies[1].empty() && p99(minute.latencies[1]) > 500;
}

bool fails_argo(std::span<const Minute> minutes) {
  std::uint64_t errors = 0, requests = 0;
  for (const Minute& minute : minutes) {
    errors += minute.errors[1];
    requests += minute.requests[1];
  }
  return requests > 0 && rate(errors, requests) > 0.05;
}

// Above by the 98 % interval of the shift: its low end beyond a quarter of the estimated shift.
bool is_high(std::vector<double> control, std::vector<double> candidate) {
  std::vector<double> shifts;
  for (const double one : candidate) {
    for (const double other : control) shifts.push_back(one - other);
  }
  std::ranges::sort(shifts);
  const auto m = static_cast<double>(control.size()), n = static_cast<double>(candidate.size());
  const double below = m * n / 2 - 2.326347874 * std::sqrt(m * n * (m + n + 1) / 12);
  const auto place = static_cast<std::size_t>(std::max(0.0, std::floor(below)));
  const double estimate = stats::quantile_of_sorted(shifts, 0.5);
  return shifts[place] > 0.25 * std::abs(estimate) && estimate > 0;
}

bool fails_kayenta(std::span<const Minute> minutes) {
  std::array<std::vector<double>, 2> errors, slowest;
  for (const Minute& minute : minutes) {
    for (std::size_t arm = 0; arm < 2; ++arm) {
      if (minute.requests.at(arm) == 0) continue;
      errors.at(arm).push_back(rate(minute.errors.at(arm), minute.requests.at(arm)));
      if (!minute.latencies.at(arm).empty()) slowest.at(arm).push_back(p99(minute.latencies.at(arm)));
    }
  }
  const auto fails = [](const std::array<std::vector<double>, 2>& series) {
    return !series[0].empty() && !series[1].empty() && is_high(series[0], series[1]);
  };
  return fails(errors) || fails(slowest);
}

}  // namespace

std::string_view name_of(Rival rival) {
  constexpr std::array<std::string_view, kRivals.size()> kNames{"pooled z",   "thresholds", "Flagger",
                                                                "Argo first", "Argo third", "Kayenta"};
  return kNames.at(static_cast<std::size_t>(rival));
}

std::uint32_t minute_of_rollback(Rival rival, const std::vector<Minute>& minutes) {
  std::uint32_t failed = 0;
  for (std::uint32_t number = 1; number <= minutes.size(); ++number) {
    const auto so_far = std::span(minutes).first(number);
    bool is_rollback = false;
    switch (rival) {
      case Rival::PooledZ:
        is_rollback = pooled_z(so_far);
        break;
      case Rival::Thresholds:
        is_rollback = above_thresholds(so_far.back());
        break;
      case Rival::Flagger:
        is_rollback = fails_flagger(so_far.back()) && ++failed >= 5;
        break;
      case Rival::ArgoFirst:
        is_rollback = fails_argo(so_far.last(1));
        break;
      case Rival::ArgoThird:
        is_rollback = number % 5 == 0 && fails_argo(so_far.last(5)) && ++failed > 3;
        break;
      case Rival::Kayenta:
        is_rollback = number % 15 == 0 && fails_kayenta(so_far);
        break;
    }
    if (is_rollback) return number;
  }
  return 0;
}

}  // namespace slipway::proof
