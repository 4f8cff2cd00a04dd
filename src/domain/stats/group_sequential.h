// Group-sequential boundaries: a planned number of looks at a growing sample, with the error spent over them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace slipway::stats {

// How much of alpha (two-sided) may be spent by the share t of the information, Lan and DeMets, "Discrete sequential
// boundaries for clinical trials", 1983:
//   ObrienFleming  2 (1 - Phi(z_{alpha/2} / sqrt t)), little early and nearly all at the end
//   Pocock         alpha ln(1 + (e - 1) t), about evenly
enum class Spending : std::uint8_t { ObrienFleming, Pocock };
double spent(Spending spending, double alpha, double t);

inline constexpr std::size_t kMostLooks = 20;

// The bounds b_k for |Z_k| at the looks with information shares t_k, so that the chance of crossing by look k under no
// difference is what is spent by t_k; by the recursion of Armitage, McPherson and Rowe, "Repeated significance tests on
// accumulating data", 1969. InvalidInput unless there are 1 to kMostLooks shares, rising by at least 0.01 up to 1, and
// alpha lies inside (0, 0.5].
Result<std::vector<double>> spending_boundaries(Spending spending, double alpha, std::span<const double> shares);

// The classical boundaries of equally spaced looks, whose form is fixed and whose level is solved for: Pocock's (1977)
// constant c for every look, O'Brien and Fleming's (1979) c sqrt(K / k). The constant c. InvalidInput as above.
enum class Shape : std::uint8_t { ObrienFleming, Pocock };
Result<double> boundary_constant(Shape shape, double alpha, std::size_t looks);

// P(|Z_k| >= bounds[k] at some look), where the statistic has this drift: Z_k is normal with mean drift * sqrt(t_k). 0
// gives the level, the drift of the planned effect the power. Requires: as many bounds as shares, shares as above.
double crossing_probability(std::span<const double> bounds, std::span<const double> shares, double drift);

}  // namespace slipway::stats
