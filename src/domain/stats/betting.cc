#include "domain/stats/betting.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace slipway::stats {
namespace {

constexpr double kCut = 0.5;
constexpr std::uint32_t kMostPoints = 100'000;

}  // namespace

Result<BettingInterval> BettingInterval::create(double alpha, std::uint32_t grid) {
  if (!(alpha > 0 && alpha < 1)) return invalid_input("expected alpha inside (0, 1), found " + std::to_string(alpha));
  if (grid < 2 || grid > kMostPoints) {
    return invalid_input("expected a grid of 2 to 100000 points, found " + std::to_string(grid));
  }
  return BettingInterval(alpha, grid);
}

BettingInterval::BettingInterval(double alpha, std::uint32_t grid)
    : alpha_(alpha), up_(std::size_t{grid} + 1, 0.0), down_(std::size_t{grid} + 1, 0.0), high_(grid) {}

Result<void> BettingInterval::observe(double value) {
  if (!(value >= 0 && value <= 1)) return invalid_input("expected a value in [0, 1], found " + std::to_string(value));
  const auto past = static_cast<double>(count_ + 1);  // observations with the prior one
  const double variance = squares_ / past, i = past;
  const double bet = std::sqrt(2 * std::log(2 / alpha_) / (variance * i * std::log1p(i)));
  const auto points = static_cast<double>(up_.size() - 1);
  for (std::size_t point = 0; point < up_.size(); ++point) {
    const double mean = static_cast<double>(point) / points;
    const double apart = value - mean;
    up_[point] += std::log1p(std::min(bet, mean > 0 ? kCut / mean : bet) * apart);
    down_[point] += std::log1p(-std::min(bet, mean < 1 ? kCut / (1 - mean) : bet) * apart);
  }
  ++count_;
  sum_ += value;
  const double mean = sum_ / (past + 1);
  squares_ += (value - mean) * (value - mean);
  const double bar = -std::log(alpha_);
  while (low_ < high_ && log_capital(low_) >= bar) ++low_;
  while (high_ > low_ && log_capital(high_) >= bar) --high_;
  return {};
}

double BettingInterval::log_capital(std::size_t grid_point) const {
  return std::max(up_[grid_point], down_[grid_point]) - std::numbers::ln2;
}

Interval BettingInterval::interval() const {
  const auto points = static_cast<double>(up_.size() - 1);
  const std::size_t low = low_ == 0 ? 0 : low_ - 1, high = std::min(high_ + 1, up_.size() - 1);
  return {static_cast<double>(low) / points, static_cast<double>(high) / points};
}

}  // namespace slipway::stats
