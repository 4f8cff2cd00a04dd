// Histogram: latencies in buckets of constant relative width, as HDR histograms keep them.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace slipway::load {

// 1 ns to 4.6 hours, each value kept to 1/128 (0.8 %). A value; adding costs one increment and no allocation.
class Histogram {
 public:
  void add(Duration value);
  std::uint64_t count() const { return count_; }
  Duration max() const { return max_; }
  double mean_microseconds() const;
  // The upper edge of the bucket that holds the q-quantile, 0 < q <= 1, at most max(); 0 when empty.
  Duration quantile(double q) const;

 private:
  static constexpr int kSubBits = 7;  // 128 sub-buckets in each power of two
  static std::size_t index_of(std::uint64_t nanoseconds);
  static std::uint64_t upper_edge(std::size_t index);

  std::array<std::uint64_t, std::size_t{1} << kSubBits << 6> buckets_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
  Duration max_{0};
};

}  // namespace slipway::load
