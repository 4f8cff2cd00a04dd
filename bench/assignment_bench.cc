// What drawing a unit's bucket costs: two hashes and a multiplication.
#include <chrono>
#include <cstdio>
#include <string>

#include "domain/model/assignment.h"

using slipway::model::bucket_of;
using slipway::model::unit_of;

int main() {
  constexpr int kRounds = 20'000'000;
  const std::uint64_t salt = slipway::model::assignment_salt("production", "fraud");
  const std::uint64_t experiment = slipway::model::experiment_salt("canary of 8");
  for (const std::size_t size : {8U, 36U, 128U}) {
    std::string key(size, 'k');
    std::uint64_t sum = 0;  // printed, so that nothing is left out
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < kRounds; ++i) {
      ++key[0];
      sum += bucket_of(unit_of(salt, key), experiment);
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
    std::printf("key of %3zu bytes: %5.2f ns (sum %llu)\n", size, took.count() / kRounds,
                static_cast<unsigned long long>(sum));
  }
}
