// Xoshiro256: the seeded generator of everything that resamples. Never seeded from the surroundings.
#pragma once

#include <array>
#include <cstdint>

namespace slipway::stats {

// xoshiro256** 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its state filled from
// the seed by SplitMix64. A value; one thread. The same seed gives the same numbers on every platform.
class Xoshiro256 {
 public:
  explicit Xoshiro256(std::uint64_t seed);

  std::uint64_t next();
  // Uniform in [0, bound), without bias (Lemire, "Fast random integer generation in an interval", 2019).
  // Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  double unit();  // uniform in [0, 1), a multiple of 2^-53

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace slipway::stats
