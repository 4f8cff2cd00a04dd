// Sticky assignment: which bucket of a traffic split a unit falls into, always the same for the same unit and model.
#pragma once

#include <cstdint>
#include <string_view>

namespace slipway::model {

// The 64-bit salt of a model's units in one environment.
std::uint64_t assignment_salt(std::string_view environment, std::string_view model);

// The 64-bit salt of an experiment's assignments: each experiment assigns the same units anew. An empty name is the
// model's standing experiment.
std::uint64_t experiment_salt(std::string_view experiment);

// What stands for a unit in records: XXH3-64 of its key under the model's salt; never 0, which stands for no unit.
std::uint64_t unit_of(std::uint64_t salt, std::string_view key);

// 0 to 9 999: XXH3-64 of the unit's 8 bytes (the lowest first, on every machine) under the experiment's salt, scaled by
// its high bits, without modulo bias. Shares as contiguous ranges of it in a fixed order move as few units as possible
// when they change.
std::uint32_t bucket_of(std::uint64_t unit, std::uint64_t experiment_salt);

// The same for 64 random bits.
inline std::uint32_t bucket_of(std::uint64_t random) {
  return static_cast<std::uint32_t>((static_cast<__uint128_t>(random) * 10'000) >> 64);
}

// How a request came to its version. Only what was drawn is evidence about versions.
enum class AssignedBy : std::uint8_t {
  Unit,       // drawn by its unit's bucket
  Chance,     // drawn for this request alone: it has no unit
  Name,       // the request named a version
  Override,   // a tester asked for the version
  Outside,    // of the segment that takes part: to the control
  Synthetic,  // traffic of probes and tests: to the control
};
inline constexpr std::size_t kAssignedByCount = 6;
std::string_view name_of(AssignedBy by);  // "unit", "chance", ...
inline bool is_drawn(AssignedBy by) {
  return by == AssignedBy::Unit || by == AssignedBy::Chance;
}

// One request's assignment, as it was made and as it is recorded. A value.
struct Draw {
  std::uint64_t unit = 0;  // unit_of(); 0: none
  std::uint64_t revision =
      0;                   // of the DesiredServing whose split it was drawn from; 0: what is desired is not yet there
  double probability = 1;  // with which such a unit was sent to this version at that moment
  AssignedBy by = AssignedBy::Chance;
  std::uint16_t slices = 0;  // slice_label() of the split's rule; 0: it lies in none
  bool operator==(const Draw&) const = default;
};

}  // namespace slipway::model
