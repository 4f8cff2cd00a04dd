#include "domain/stats/ratio_mismatch.h"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {
constexpr std::array kWeights{50.0, 500.0, 5000.0};

// ln of x (x + 1) ... (x + count - 1).
double log_rising(double x, std::uint64_t count) {
  if (count > 8) return boost::math::lgamma(x + static_cast<double>(count)) - boost::math::lgamma(x);
  double product = 0;
  for (std::uint64_t i = 0; i < count; ++i) product += std::log(x + static_cast<double>(i));
  return product;
}
}  // namespace

void RatioMismatch::unit(Arm arm, double rho) {
  units(arm, rho, 1);
}

void RatioMismatch::units(Arm arm, double rho, std::uint64_t count) {
  if (rho != rho_) {
    rho_ = rho;
    candidates_ = all_ = 0;
  }
  const bool is_candidate = arm == Arm::Candidate;
  const double expected = is_candidate ? rho : 1 - rho, seen = is_candidate ? candidates_ : all_ - candidates_;
  const auto more = static_cast<double>(count);
  for (std::size_t i = 0; i < kWeights.size(); ++i) {
    logs_[i] += log_rising(kWeights[i] * expected + seen, count) - log_rising(kWeights[i] + all_, count) -
                more * std::log(expected);
  }
  all_ += more;
  candidates_ += is_candidate ? more : 0;
}

double RatioMismatch::log_evidence() const {
  return log_mean(logs_);
}

}  // namespace slipway::stats
