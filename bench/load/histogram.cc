#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace slipway::load {

// Values below 128 have a bucket each; above, the seven bits after the leading one choose the bucket.
std::size_t Histogram::index_of(std::uint64_t nanoseconds) {
  if (nanoseconds < (1u << kSubBits)) return nanoseconds;
  int power = std::bit_width(nanoseconds) - 1 - kSubBits;
  return (static_cast<std::size_t>(power + 1) << kSubBits) + ((nanoseconds >> power) & ((1u << kSubBits) - 1));
}

std::uint64_t Histogram::upper_edge(std::size_t index) {
  if (index < (1u << kSubBits)) return index;
  std::size_t power = (index >> kSubBits) - 1;
  std::uint64_t sub = index & ((1u << kSubBits) - 1);
  return (((1u << kSubBits) + sub + 1) << power) - 1;
}

void Histogram::add(Duration value) {
  auto nanoseconds =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(value.count(), 0, (std::int64_t{1} << 44) - 1));
  buckets_[index_of(nanoseconds)] += 1;
  count_ += 1;
  sum_ += static_cast<double>(nanoseconds);
  max_ = std::max(max_, Duration(nanoseconds));
}

double Histogram::mean_microseconds() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_) / 1e3;
}

Duration Histogram::quantile(double q) const {
  if (count_ == 0) return Duration{0};
  auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < buckets_.size(); ++index) {
    seen += buckets_[index];
    if (seen >= wanted) return std::min(max_, Duration(upper_edge(index)));
  }
  return max_;
}

}  // namespace slipway::load
