#include "domain/stats/log_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace slipway::stats {
namespace {
constexpr int kLeastPower = -10, kMostPower = 30, kBits = 5;  // 32 buckets between powers
}

std::uint32_t LogHistogram::bucket_of(double value) {
  if (value < 0x1p-10) return 0;
  if (value >= 0x1p30) return kBuckets - 1;
  // The exponent and the first five bits of the fraction, which rise with the value.
  const auto bits = static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value) >> (52 - kBits));
  return bits - ((1023U + static_cast<std::uint32_t>(kLeastPower)) << kBits) + 1;
}

double LogHistogram::upper_edge(std::uint32_t bucket) {
  if (bucket == 0) return 0x1p-10;
  if (bucket == kBuckets - 1) return std::numeric_limits<double>::infinity();
  const int power = kLeastPower + static_cast<int>((bucket - 1) >> kBits);
  return std::ldexp(1 + static_cast<double>(((bucket - 1) & 31U) + 1) / 32, power);
}

std::uint32_t LogHistogram::quantile_bucket(double q) const {
  const double most_above = (1 - q) * static_cast<double>(total_);
  std::uint64_t above = 0;
  std::uint32_t bucket = kBuckets - 1;
  while (bucket > 0 && static_cast<double>(above + counts_[bucket]) <= most_above) above += counts_[bucket--];
  return bucket;
}

double LogHistogram::share_above(std::uint32_t bucket) const {
  std::uint64_t above = 0;
  for (std::uint32_t i = bucket + 1; i < kBuckets; ++i) above += counts_[i];
  return static_cast<double>(above) / static_cast<double>(total_);
}

void LogHistogram::clear() {
  std::ranges::fill(counts_, 0);
  total_ = 0;
}

}  // namespace slipway::stats
