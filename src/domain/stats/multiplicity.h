// Many tests at once: p-values adjusted so that each can be held against the level of all. In the order given.
// InvalidInput names a value that is no p-value in [0, 1]; none in gives none out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace slipway::stats {

// Holm, "A simple sequentially rejective multiple test procedure", 1979: the chance of one false rejection among all
// stays below the level, whatever the dependence.
Result<std::vector<double>> holm(std::span<const double> p_values);
// Benjamini and Hochberg, "Controlling the false discovery rate", 1995: the expected share of false rejections among
// the rejected stays below the level, for independent or positively dependent tests.
Result<std::vector<double>> benjamini_hochberg(std::span<const double> p_values);

// Wang and Ramdas, "False discovery rate control with e-values", 2022 (e-BH): which of the e-values, given by their
// logarithms, are rejected, so that the expected share of false ones among them stays below alpha whatever the
// dependence: the k largest, k the greatest with e_(k) >= K / (alpha k). Requires: no NaN, alpha inside (0, 1).
std::vector<bool> e_benjamini_hochberg(std::span<const double> log_e_values, double alpha);

// Xu and Ramdas, "Online multiple testing with e-values", 2024 (e-LOND): the level of the t-th test of a stream after
// `rejections` of the earlier ones, alpha gamma_t (rejections + 1), gamma_t = 6 / (pi t)^2. Requires: t >= 1.
double e_lond_level(double alpha, std::uint64_t t, std::uint64_t rejections);

}  // namespace slipway::stats
