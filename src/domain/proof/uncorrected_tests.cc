#include "domain/proof/uncorrected_tests.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace slipway::proof {
namespace {

constexpr double kSignificant = 1.959963984540054;
constexpr double kLeastUnits = 10;  // of each arm

}  // namespace

UncorrectedTests::UncorrectedTests() : sums_(kMetrics * kPlaces) {}

void UncorrectedTests::add(std::size_t metric, std::uint64_t slices, std::size_t arm, double value) {
  const auto add_to = [&](std::size_t place) {
    Sums& sums = sums_[metric * kPlaces + place];
    sums.count.at(arm) += 1;
    sums.sum.at(arm) += value;
    sums.squares.at(arm) += value * value;
  };
  add_to(0);
  for (; slices != 0; slices &= slices - 1) add_to(1 + static_cast<std::size_t>(std::countr_zero(slices)));
}

void UncorrectedTests::see(const evidence::Observation& answer) {
  const std::size_t arm = answer.arm == stats::Arm::Candidate ? 1 : 0;
  if (answer.error) add(0, answer.slices, arm, *answer.error ? 1 : 0);
  if (answer.latency_ms) add(1, answer.slices, arm, *answer.latency_ms);
  if (answer.outcome) add(2, answer.slices, arm, *answer.outcome);
  for (std::size_t i = 0; i < evidence::kPredictions; ++i) {
    if (!std::isnan(answer.predictions.at(i))) add(3 + i, answer.slices, arm, answer.predictions.at(i));
  }
}

bool UncorrectedTests::is_any_significant() const {
  return std::ranges::any_of(sums_, [](const Sums& sums) {
    if (std::min(sums.count[0], sums.count[1]) < kLeastUnits) return false;
    double variance = 0;
    std::array<double, 2> means{};
    for (std::size_t arm = 0; arm < 2; ++arm) {
      means.at(arm) = sums.sum.at(arm) / sums.count.at(arm);
      variance += (sums.squares.at(arm) / sums.count.at(arm) - means.at(arm) * means.at(arm)) / sums.count.at(arm);
    }
    return variance > 0 && std::abs(means[1] - means[0]) > kSignificant * std::sqrt(variance);
  });
}

}  // namespace slipway::proof
