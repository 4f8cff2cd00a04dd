#include "domain/stats/ratio_mismatch.h"

#include <cmath>

#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {
constexpr std::array kWeights{50.0, 500.0, 5000.0};
}

void RatioMismatch::unit(Arm arm, double rho) {
  if (rho != rho_) {
    rho_ = rho;
    candidates_ = all_ = 0;
  }
  const bool is_candidate = arm == Arm::Candidate;
  const double expected = is_candidate ? rho : 1 - rho, seen = is_candidate ? candidates_ : all_ - candidates_;
  for (std::size_t i = 0; i < kWeights.size(); ++i) {
    logs_[i] += std::log((kWeights[i] * expected + seen) / ((kWeights[i] + all_) * expected));
  }
  all_ += 1;
  candidates_ += is_candidate ? 1 : 0;
}

double RatioMismatch::log_evidence() const {
  return log_mean(logs_);
}

}  // namespace slipway::stats
