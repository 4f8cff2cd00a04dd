#include "domain/rollout/strategies.h"

#include <array>

namespace slipway::rollout {
namespace {

// In the order of Strategy.
constexpr std::array<std::string_view, 7> kNames = {"shadow",  "canary", "blue_green", "rolling", "champion_challenger",
                                                    "ab_test", "bandit"};
static_assert(std::variant_size_v<Strategy> == kNames.size());

}  // namespace

std::span<const std::string_view> strategy_names() {
  return kNames;
}

std::string_view name_of(const Strategy& strategy) {
  return kNames[strategy.index()];
}

std::optional<Strategy> preset(std::string_view name) {
  const std::array<Strategy, 7> all = {Shadow{}, Canary{}, BlueGreen{}, Rolling{}, ChampionChallenger{},
                                       AbTest{}, Bandit{}};
  for (const Strategy& each : all) {
    if (name_of(each) == name) return each;
  }
  return std::nullopt;
}

}  // namespace slipway::rollout
