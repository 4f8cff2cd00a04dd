// UncorrectedTests: a test of every metric over all units and in every slice, looked at again and again, with nothing
// set aside for how many they are: what a dashboard invites to.
#pragma once

#include <array>
#include <vector>

#include "domain/evidence/observation.h"

namespace slipway::proof {

// Errors, latency, outcomes and each value of predictions, compared by a two-sided z-test of means. A value; one
// thread.
class UncorrectedTests {
 public:
  UncorrectedTests();
  void see(const evidence::Observation& answer);
  bool is_any_significant() const;  // p < 0.05

 private:
  static constexpr std::size_t kMetrics = 3 + evidence::kPredictions;
  static constexpr std::size_t kPlaces = 1 + evidence::kMostSlices;  // all units, and each slice

  struct Sums {
    std::array<double, 2> count{}, sum{}, squares{};  // by arm
  };
  void add(std::size_t metric, std::uint64_t slices, std::size_t arm, double value);

  std::vector<Sums> sums_;
};

}  // namespace slipway::proof
