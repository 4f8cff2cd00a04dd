#include "domain/stats/difference_process.h"

#include <algorithm>
#include <cmath>

#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {

constexpr double kCut = 0.9;

// rho (1 - rho) Z times the side's sign, for one outcome.
double scaled(const Contrast& contrast, Arm arm, double rho, double y) {
  const double z = (arm == Arm::Candidate ? (1 - rho) * y : -contrast.k * rho * y) - contrast.d * rho * (1 - rho);
  return contrast.side == Side::Above ? z : -z;
}

// The least it can be: at one of the corners, since it is linear in y.
double least(const Contrast& contrast, double rho) {
  return std::min({scaled(contrast, Arm::Candidate, rho, 0), scaled(contrast, Arm::Candidate, rho, 1),
                   scaled(contrast, Arm::Control, rho, 1)});
}

}  // namespace

void DifferenceProcess::unit(Arm arm, double rho, double y) {
  const double z = scaled(contrast_, arm, rho, y);
  const double most = kCut / std::max(-least(contrast_, rho), 1e-12);
  for (std::size_t i = 0; i < kBets.size(); ++i) logs_[i] += std::log1p(std::min(kBets[i], most) * z);
}

double DifferenceProcess::log_evidence() const {
  return log_mean(logs_);
}

double growth_of_difference(const Contrast& contrast, double rho, double rate) {
  const double most = kCut / std::max(-least(contrast, rho), 1e-12);
  double best = 0;
  for (const double bet : DifferenceProcess::kBets) {
    const auto grown = [&](Arm arm, double y) {
      return std::log1p(std::min(bet, most) * scaled(contrast, arm, rho, y));
    };
    const auto of = [&](double y) { return rho * grown(Arm::Candidate, y) + (1 - rho) * grown(Arm::Control, y); };
    best = std::max(best, rate * of(1) + (1 - rate) * of(0));
  }
  return best;
}

}  // namespace slipway::stats
