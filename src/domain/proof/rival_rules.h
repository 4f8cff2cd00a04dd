// Rival rules: how others decide a rollout, as far as their documentation and sources say; what ours is held against.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace slipway::proof {

// What one minute looked like, by arm: 0 control, 1 candidate.
struct Minute {
  std::array<std::uint64_t, 2> requests{};
  std::array<std::uint64_t, 2> errors{};
  std::array<std::vector<double>, 2> latencies;
};

enum class Rival : std::uint8_t {
  PooledZ,     // a z-test of all counts so far, p < 0.05, each minute
  Thresholds,  // errors above 5 %, or p99 above one and a half times control's, each minute
  Flagger,     // below 99 % success or p99 above 500 ms in five minutes of the rollout (its documented example)
  ArgoFirst,   // below 95 % success in one minute (failureLimit 0, its default)
  ArgoThird,   // below 95 % over five minutes, more than three times
  Kayenta,     // Mann-Whitney on minutes every quarter of an hour, any metric failing
};
inline constexpr std::array kRivals{Rival::PooledZ,   Rival::Thresholds, Rival::Flagger,
                                    Rival::ArgoFirst, Rival::ArgoThird,  Rival::Kayenta};
std::string_view name_of(Rival rival);

// The minute, counted from 1, in which the rule would have rolled back; 0: never.
std::uint32_t minute_of_rollback(Rival rival, const std::vector<Minute>& minutes);

}  // namespace slipway::proof
