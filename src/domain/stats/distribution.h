// Distributions: tail probabilities and quantiles that the tests and intervals are made of.
#pragma once

#include <cstdint>

namespace slipway::stats {

// Each tail is computed as itself, never as one minus the other, so small probabilities keep their digits. Arguments
// outside a function's domain give NaN.
double normal_lower(double z);             // P(Z <= z)
double normal_upper(double z);             // P(Z > z)
double normal_quantile(double p);          // z with P(Z <= z) = p; 0 and 1 give the infinities
double student_upper(double t, double v);  // P(T > t), v > 0 degrees of freedom
double student_quantile(double p, double v);
double chi_square_upper(double x, double v);

double binomial_mass(std::uint64_t k, std::uint64_t n, double p);      // P(X = k)
double binomial_at_most(std::uint64_t k, std::uint64_t n, double p);   // P(X <= k)
double binomial_at_least(std::uint64_t k, std::uint64_t n, double p);  // P(X >= k)
double beta_quantile(double p, double a, double b);

// P(K > x) of Kolmogorov's limiting distribution: 2 * sum over k >= 1 of (-1)^(k-1) exp(-2 k^2 x^2).
double kolmogorov_upper(double x);

}  // namespace slipway::stats
