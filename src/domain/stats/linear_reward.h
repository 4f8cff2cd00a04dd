// LinearReward: how the reward of an arm depends on what is known before it is drawn, and how well that is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace slipway::stats {

// Ridge regression of rewards on features x, kept as A = ridge I + sum w x x' and b = sum w r x: the sums are all that
// is needed, whatever the order. The score of an arm under LinUCB is mean + a width (Li, Chu, Langford and Schapire, "A
// contextual-bandit approach to personalized news article recommendation", 2010). A value; one thread.
class LinearReward {
 public:
  explicit LinearReward(std::size_t features = 1, double ridge = 1);  // Requires: at least one, ridge above 0.

  void observe(std::span<const double> x, double reward, double weight = 1);  // Requires: as many features; finite.

  struct Score {
    double mean = 0;   // x' A^-1 b
    double width = 0;  // sqrt(x' A^-1 x)
  };
  Score score(std::span<const double> x) const;  // Requires: as many features.
  std::size_t features() const { return sums_.size(); }

  template <class State>
  void keep(State& state) {
    state(products_, sums_);
  }
  bool operator==(const LinearReward&) const = default;

 private:
  std::vector<double> products_;  // A's lower triangle, row by row
  std::vector<double> sums_;      // b
};

}  // namespace slipway::stats
