#include "domain/stats/ratio_mismatch.h"

#include <cmath>

#include "domain/stats/log_mean.h"

namespace slipway::stats {
namespace {
constexpr std::array kWeights{50.0, 500.0, 5000.0};

// What ln of the gamma function has beyond (z - 1/2) ln z - z + ln(2 pi) / 2: Stirling's series, to 1e-13 from 10 on.
double beyond_stirling(double z) {
  const double square = 1 / (z * z);
  return (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188)))) / z;
}

// ln of x (x + 1) ... (x + count - 1) over y (y + 1) ... (y + count - 1) p^count. The differences of gamma functions
// are taken term by term, so that nothing is lost where x is large. Requires: x <= y.
double log_rising_ratio(double x, double y, double p, std::uint64_t count) {
  double product = 1;
  while (count > 0 && (count <= 8 || x < 10)) {
    product *= x / (y * p);
    x += 1;
    y += 1;
    --count;
  }
  double log = std::log(product);
  if (count == 0) return log;
  const auto n = static_cast<double>(count);
  log += (x - 0.5) * std::log1p(n / x) - (y - 0.5) * std::log1p(n / y) + n * std::log((x + n) / ((y + n) * p));
  return log + beyond_stirling(x + n) - beyond_stirling(x) - beyond_stirling(y + n) + beyond_stirling(y);
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
    logs_[i] += log_rising_ratio(kWeights[i] * expected + seen, kWeights[i] + all_, expected, count);
  }
  all_ += more;
  candidates_ += is_candidate ? more : 0;
}

double RatioMismatch::log_evidence() const {
  return log_mean(logs_);
}

}  // namespace slipway::stats
