// Sticky assignment: which bucket of a traffic split a unit falls into, always the same for the same unit and model.
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::model {

// The 64-bit salt of a model's assignments in one environment: units are assigned anew for each model.
std::uint64_t assignment_salt(std::string_view environment, std::string_view model);

// 0 to 9 999: XXH3-64 of `unit` under `salt`, scaled by its high bits, without modulo bias. Shares as contiguous ranges
// of it in a fixed order move as few units as possible when they change.
std::uint32_t bucket_of(std::uint64_t salt, std::string_view unit);

// The same for 64 random bits.
inline std::uint32_t bucket_of(std::uint64_t random) {
  return static_cast<std::uint32_t>((static_cast<__uint128_t>(random) * 10'000) >> 64);
}

}  // namespace slipway::model
