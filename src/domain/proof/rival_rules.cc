#include "domain/proof/rival_rules.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "domain/stats/quantile.h"

namespace slipway::proof {
namespace {

constexpr std::uint64_t kFirstLook = 500, kBetweenLooks = 100;  // answers, of the asymptotic sequence

double rate(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Between the two values next to it; `values` are moved about. Requires: not empty.
double p99_of(std::vector<double>& values) {
  const double place = 0.99 * static_cast<double>(values.size() - 1);
  const auto above = values.begin() + static_cast<std::ptrdiff_t>(std::ceil(place));
  std::ranges::nth_element(values, above);
  if (above == values.begin()) return *above;
  const double below = *std::max_element(values.begin(), above);
  return *above - (std::ceil(place) - place) * (*above - below);
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
  return minute.p99[0] && minute.p99[1] && *minute.p99[1] > 1.5 * *minute.p99[0];
}

bool fails_flagger(const Minute& minute) {
  if (minute.requests[1] == 0) return true;  // "no values found" is a failed check
  if (rate(minute.errors[1], minute.requests[1]) > 0.01) return true;
  return minute.p99[1] && *minute.p99[1] > 500;
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
      if (minute.p99.at(arm)) slowest.at(arm).push_back(*minute.p99.at(arm));
    }
  }
  const auto fails = [](const std::array<std::vector<double>, 2>& series) {
    return !series[0].empty() && !series[1].empty() && is_high(series[0], series[1]);
  };
  return fails(errors) || fails(slowest);
}

}  // namespace

std::string_view name_of(Rival rival) {
  constexpr std::array<std::string_view, kRivals.size()> kNames{
      "pooled z", "thresholds", "Flagger", "Argo first", "Argo third", "Kayenta", "asymptotic", "uncorrected z"};
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
      case Rival::AsymptoticSequence:
      case Rival::Uncorrected:
        return 0;
    }
    if (is_rollback) return number;
  }
  return 0;
}

double asymptotic_half_width(double n, double standard_error, double alpha, double tuned) {
  const double square = (-2 * std::log(alpha) + std::log(1 - 2 * std::log(alpha))) / tuned;
  const double scaled = n * square + 1;
  return standard_error * std::sqrt(2 * scaled / (n * square) * std::log(std::sqrt(scaled) / alpha));
}

bool RivalWatch::rejects(stats::Arm arm, double outcome) {
  const std::size_t i = arm == stats::Arm::Candidate ? 1 : 0;
  auto& [count, sum, squares, seen] = sequence_;
  count.at(i) += 1;
  sum.at(i) += outcome;
  squares.at(i) += outcome * outcome;
  ++seen;
  if (seen < kFirstLook || seen % kBetweenLooks != 0 || count[0] < 2 || count[1] < 2) return false;
  const auto variance = [&](std::size_t j) {
    const double mean = sum.at(j) / count.at(j);
    return (squares.at(j) / count.at(j) - mean * mean) / count.at(j);
  };
  const double half =
      asymptotic_half_width(static_cast<double>(seen), std::sqrt(variance(0) + variance(1)), 0.05, 5'000);
  return std::abs(sum[1] / count[1] - sum[0] / count[0]) > half;
}

void RivalWatch::open_minute(std::size_t minute) {
  while (minutes_.size() <= minute) {
    if (!minutes_.empty()) close_minute();
    minutes_.emplace_back();
  }
}

void RivalWatch::see(const evidence::Observation& answer) {
  const auto minute = static_cast<std::size_t>(answer.t / 60);
  open_minute(minute);
  const std::size_t arm = answer.arm == stats::Arm::Candidate ? 1 : 0;
  if (answer.error) {
    minutes_.back().requests.at(arm) += answer.count;
    if (*answer.error) minutes_.back().errors.at(arm) += answer.count;
  }
  if (answer.latency_ms) latencies_.at(arm).push_back(*answer.latency_ms);
  if (answer.slices != 0 && answer.count == 1) {
    has_slices_ = true;
    tests_.see(answer);
  }
  if (!answer.outcome || rejected_in_ || !rejects(answer.arm, *answer.outcome)) return;
  rejected_in_ = static_cast<std::uint32_t>(minute) + 1;
}

void RivalWatch::pass(double t) {
  if (t > 0) open_minute(static_cast<std::size_t>(std::ceil(t / 60)) - 1);
}

void RivalWatch::close_minute() {
  for (std::size_t arm = 0; arm < 2; ++arm) {
    std::vector<double>& values = latencies_.at(arm);
    if (values.empty()) continue;
    minutes_.back().p99.at(arm) = p99_of(values);
    values.clear();
  }
  if (has_slices_ && !significant_in_ && tests_.is_any_significant()) {
    significant_in_ = static_cast<std::uint32_t>(minutes_.size());
  }
}

std::array<RivalEnd, kRivals.size()> RivalWatch::ends() {
  if (!minutes_.empty()) close_minute();
  std::array<RivalEnd, kRivals.size()> ends{};
  for (std::size_t i = 0; i < kRivals.size(); ++i) {
    RivalEnd& end = ends.at(i);
    end.minute = minute_of_rollback(kRivals.at(i), minutes_);
    if (kRivals.at(i) == Rival::AsymptoticSequence) end.minute = rejected_in_.value_or(0);
    if (kRivals.at(i) == Rival::Uncorrected) end.minute = significant_in_.value_or(0);
    for (std::size_t minute = 0; minute < end.minute; ++minute) end.candidate += minutes_[minute].requests[1];
  }
  return ends;
}

}  // namespace slipway::proof
