// Many tests at once: p-values adjusted so that each can be held against the level of all. In the order given.
// InvalidInput names a value that is no p-value in [0, 1]; none in gives none out.
#pragma once

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

}  // namespace slipway::stats
