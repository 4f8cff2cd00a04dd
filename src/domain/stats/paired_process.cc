#include "domain/stats/paired_process.h"

#include <algorithm>
#include <cmath>

#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {

constexpr std::array kTilts{0.02, 0.04, 0.08, 0.15, 0.3, 0.6};

}  // namespace

SymmetryProcess::SymmetryProcess(Tilt tilt) : lambdas_(kTilts.begin(), kTilts.end()) {
  if (tilt == Tilt::TwoSided) {
    for (const double lambda : kTilts) lambdas_.push_back(-lambda);
  }
  logs_.assign(lambdas_.size(), 0);
}

void SymmetryProcess::difference(double d) {
  if (d == 0) return;
  if (count_ > 0) {
    const double score = std::tanh(d / scale());
    for (std::size_t i = 0; i < logs_.size(); ++i) logs_[i] += std::log1p(lambdas_[i] * score);
  }
  ++count_;
  sizes_ += std::abs(d);
}

double SymmetryProcess::log_evidence() const {
  return log_mean(logs_);
}

void MeanProcess::value(double y) {
  const double apart = side_ == Side::Above ? y - m_ : m_ - y;
  const double most = 1 / (side_ == Side::Above ? 1 + m_ : 1 - m_);
  for (std::size_t i = 0; i < kBets.size(); ++i) logs_[i] += std::log1p(kBets[i] * most * apart);
}

double MeanProcess::log_evidence() const {
  return log_mean(logs_);
}

void MarginsProcess::pair(double control, double candidate) {
  if (!reference_.is_frozen()) {
    reference_.add(control);
    if (!reference_.is_frozen()) return;
    for (std::size_t i = 0; i < kThresholds; ++i) {
      thresholds_.at(i) = reference_.value_at(static_cast<double>(i + 1) / (kThresholds + 1));
    }
    return;
  }
  ++pairs_;
  for (std::size_t i = 0; i < kThresholds; ++i) {
    const bool is_above = candidate > thresholds_.at(i);
    if (is_above != (control > thresholds_.at(i))) coins_[i].toss(is_above);
  }
}

double MarginsProcess::log_evidence() const {
  std::array<double, kThresholds> logs{};
  for (std::size_t i = 0; i < kThresholds; ++i) logs.at(i) = coins_[i].log_evidence();
  return log_mean(logs);
}

double MarginsProcess::distance() const {
  double largest = 0;
  for (const CoinProcess& coin : coins_) {
    const auto heads = static_cast<double>(coin.heads()), tails = static_cast<double>(coin.count()) - heads;
    largest = std::max(largest, std::abs(heads - tails));
  }
  return pairs_ > 0 ? largest / static_cast<double>(pairs_) : 0;
}

}  // namespace slipway::stats
