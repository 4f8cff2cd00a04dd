#include "domain/stats/shape_process.h"

#include <algorithm>
#include <cmath>

namespace slipway::stats {

void ShapeProcess::unit(Arm arm, double rho, std::uint32_t bin) {
  const auto bins = static_cast<double>(candidate_.size());
  const double g = (static_cast<double>(candidate_[bin]) + 1) / (static_cast<double>(candidates_) + bins) *
                   (static_cast<double>(controls_) + bins) / (static_cast<double>(control_[bin]) + 1);
  log_ += (arm == Arm::Candidate ? std::log(g) : 0.0) - std::log1p(rho * (g - 1));
  if (arm == Arm::Candidate) {
    ++candidate_[bin];
    ++candidates_;
  } else {
    ++control_[bin];
    ++controls_;
  }
}

void RankReference::add(double value) {
  values_[count_++] = value;
  if (is_frozen()) std::ranges::sort(values_);
}

double RankReference::rank_of(double value) const {
  const auto [low, high] = std::ranges::equal_range(values_, value);
  const auto below = static_cast<double>(low - values_.begin()), equal = static_cast<double>(high - low);
  return (below + equal / 2) / static_cast<double>(values_.size());
}

double RankReference::value_at(double share) const {
  return values_[static_cast<std::size_t>(share * static_cast<double>(values_.size()))];
}

}  // namespace slipway::stats
