#include "domain/stats/assignment_process.h"

#include <array>
#include <cmath>
#include <string>

#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {

constexpr std::array kTilts{0.02, 0.04, 0.08, 0.15, 0.3, 0.6};

Result<void> check_share(double rho) {
  if (rho > 0 && rho < 1) return {};
  return invalid_input("expected a probability of candidate inside (0, 1), found " + std::to_string(rho));
}

double log_factor(Arm arm, double rho, double g) {
  return (arm == Arm::Candidate ? std::log(g) : 0.0) - std::log1p(rho * (g - 1));
}

}  // namespace

Result<void> AssignmentProcess::bet(Arm arm, double rho, double g) {
  return bet(arm, rho, g, 1);
}

Result<void> AssignmentProcess::bet(Arm arm, double rho, double g, std::uint64_t count) {
  TRY(check_share(rho));
  if (!(g > 0 && std::isfinite(g))) {
    return invalid_input("expected a positive, finite weight of the outcome, found " + std::to_string(g));
  }
  log_ += static_cast<double>(count) * log_factor(arm, rho, g);
  return {};
}

TiltProcess::TiltProcess(Tilt tilt) : lambdas_(kTilts.begin(), kTilts.end()) {
  if (tilt == Tilt::TwoSided) {
    for (const double lambda : kTilts) lambdas_.push_back(-lambda);
  }
  logs_.assign(lambdas_.size(), 0);
}

double TiltProcess::log_evidence() const {
  return log_mean(logs_);
}

Result<void> TiltProcess::bet(Arm arm, double rho, double score) {
  TRY(check_share(rho));
  if (!(score >= -1 && score <= 1)) {
    return invalid_input("expected a score in [-1, 1], found " + std::to_string(score));
  }
  for (std::size_t i = 0; i < lambdas_.size(); ++i) logs_[i] += log_factor(arm, rho, 1 + lambdas_[i] * score);
  return {};
}

}  // namespace slipway::stats
