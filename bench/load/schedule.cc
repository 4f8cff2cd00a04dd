#include "bench/load/schedule.h"

#include <cmath>

namespace slipway::load {

void Schedule::advance() {
  double gap = gap_nanoseconds_;
  if (arrivals_ == Arrivals::Poisson) {
    double uniform = std::generate_canonical<double, 53>(random_);
    gap *= -std::log1p(-uniform);  // inverse of the exponential distribution
  }
  gap += rest_;
  double whole = std::floor(gap);
  rest_ = gap - whole;
  next_ += Duration(static_cast<std::int64_t>(whole));
}

}  // namespace slipway::load
