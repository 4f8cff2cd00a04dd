#include "domain/stats/rate_process.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {

constexpr std::array kOdds{1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0};
constexpr std::array kShares{0.0, 0.25, 0.5, 0.75};

// k times a log that may be -infinity, where 0 times that is 0.
double times(std::uint64_t count, double log) {
  return count == 0 ? 0 : static_cast<double>(count) * log;
}

}  // namespace

RateProcess::RateProcess(Side side, double p0) {
  if (side == Side::Above) {
    // p1 / (1 - p1) = m p0 / (1 - p0), so that 1 - p1 keeps its digits however near p1 comes to 1.
    for (const double m : kOdds) {
      const double log = -std::log1p((m - 1) * p0);
      alternatives_.push_back({std::log(m) + log, log});
    }
  } else {
    for (const double share : kShares) {
      alternatives_.push_back({std::log(share), std::log1p(p0 * (1 - share) / (1 - p0))});
    }
  }
}

void RateProcess::trials(std::uint64_t count, std::uint64_t events) {
  count_ += count;
  events_ += events;
}

double RateProcess::log_evidence() const {
  std::array<double, kOdds.size()> logs{};
  for (std::size_t i = 0; i < alternatives_.size(); ++i) {
    logs.at(i) = times(events_, alternatives_[i].event) + times(count_ - events_, alternatives_[i].none);
  }
  return log_mean(std::span(logs).first(alternatives_.size()));
}

double RateProcess::growth(double rate) const {
  double most = -std::numeric_limits<double>::infinity();
  for (const Logs& each : alternatives_) {
    const double of_events = rate > 0 ? rate * each.event : 0;
    most = std::max(most, of_events + (1 - rate) * each.none);
  }
  return most;
}

double CoinProcess::log_evidence() const {
  return log_mean(std::array{up_.log_evidence(), down_.log_evidence()});
}

}  // namespace slipway::stats
