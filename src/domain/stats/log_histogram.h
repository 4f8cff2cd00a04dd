// LogHistogram: counts of values that are not negative, in buckets whose edges are about 3 % apart.
#pragma once

#include <cstdint>
#include <vector>

namespace slipway::stats {

// 32 buckets between powers of two, from 2^-10 to 2^30 (of milliseconds: a microsecond to twelve days); below lies one
// bucket more, above another, which also holds infinity. Counts by bucket are exact, so that "above an edge" is. A
// value; one thread.
class LogHistogram {
 public:
  static constexpr std::uint32_t kBuckets = 40 * 32 + 2;

  LogHistogram() : counts_(kBuckets, 0) {}

  static std::uint32_t bucket_of(double value);  // Requires: value >= 0.
  static double upper_edge(std::uint32_t bucket);

  void add(std::uint32_t bucket) {
    ++counts_[bucket];
    ++total_;
  }
  std::uint64_t total() const { return total_; }
  // The last bucket with no more than the share 1 - q of all values above it. Requires: total() > 0.
  std::uint32_t quantile_bucket(double q) const;
  double share_above(std::uint32_t bucket) const;  // Requires: total() > 0.
  void clear();

  template <class State>
  void keep(State& state) {
    state(counts_, total_);
  }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace slipway::stats
