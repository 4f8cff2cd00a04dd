#include "domain/stats/distribution.h"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace slipway::stats {
namespace {

namespace policies = boost::math::policies;
// Nothing throws: what has no value is NaN or infinite.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>, policies::underflow_error<policies::ignore_error>,
    policies::denorm_error<policies::ignore_error>, policies::rounding_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::indeterminate_result_error<policies::ignore_error>>;
constexpr Quiet kQuiet;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double real(std::uint64_t n) {
  return static_cast<double>(n);
}

bool is_probability(double p) {
  return p >= 0 && p <= 1;
}

}  // namespace

double normal_lower(double z) {
  return std::erfc(-z / std::numbers::sqrt2) / 2;
}

double normal_upper(double z) {
  return std::erfc(z / std::numbers::sqrt2) / 2;
}

double normal_quantile(double p) {
  if (!is_probability(p)) return kNone;
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2 * p, kQuiet);
}

double student_upper(double t, double v) {
  if (std::isnan(t) || !(v > 0)) return kNone;
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  const double square = t * t;
  // Both tails; from whichever argument of the incomplete beta function is the smaller one.
  const double both = square < v ? boost::math::ibetac(0.5, v / 2, square / (v + square), kQuiet)
                                 : boost::math::ibeta(v / 2, 0.5, v / (v + square), kQuiet);
  return t > 0 ? both / 2 : 1 - both / 2;
}

double student_quantile(double p, double v) {
  if (!is_probability(p) || !(v > 0)) return kNone;
  if (p == 0.5) return 0;
  if (p < 0.5) return -student_quantile(1 - p, v);
  if (p == 1) return kInfinity;
  double complement = 0;
  const double x = boost::math::ibeta_inv(v / 2, 0.5, 2 * (1 - p), &complement, kQuiet);
  return std::sqrt(v * complement / x);
}

double chi_square_upper(double x, double v) {
  if (!(v > 0) || std::isnan(x)) return kNone;
  return x <= 0 ? 1 : boost::math::gamma_q(v / 2, x / 2, kQuiet);
}

double binomial_mass(std::uint64_t k, std::uint64_t n, double p) {
  if (!is_probability(p)) return kNone;
  if (k > n) return 0;
  if (p == 0) return k == 0 ? 1 : 0;
  if (p == 1) return k == n ? 1 : 0;
  if (k == 0) return std::exp(real(n) * std::log1p(-p));
  if (k == n) return std::exp(real(n) * std::log(p));
  return boost::math::ibeta_derivative(real(k) + 1, real(n - k) + 1, p, kQuiet) / (real(n) + 1);
}

double binomial_at_most(std::uint64_t k, std::uint64_t n, double p) {
  if (!is_probability(p)) return kNone;
  return k >= n ? 1 : boost::math::ibetac(real(k) + 1, real(n - k), p, kQuiet);
}

double binomial_at_least(std::uint64_t k, std::uint64_t n, double p) {
  if (!is_probability(p)) return kNone;
  if (k == 0) return 1;
  return k > n ? 0 : boost::math::ibeta(real(k), real(n - k) + 1, p, kQuiet);
}

double beta_quantile(double p, double a, double b) {
  if (!is_probability(p) || !(a > 0) || !(b > 0)) return kNone;
  return boost::math::ibeta_inv(a, b, p, kQuiet);
}

double kolmogorov_upper(double x) {
  if (std::isnan(x)) return kNone;
  if (x <= 0) return 1;
  if (x < 1) {  // the other form of the same theta function converges there
    double sum = 0;
    const double scale = std::numbers::pi * std::numbers::pi / (8 * x * x);
    for (int odd = 1; odd < 40; odd += 2) sum += std::exp(-odd * odd * scale);
    return 1 - std::sqrt(2 * std::numbers::pi) / x * sum;
  }
  double sum = 0;
  for (int k = 1; k < 40; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-20 * sum) break;
  }
  return 2 * sum;
}

}  // namespace slipway::stats
