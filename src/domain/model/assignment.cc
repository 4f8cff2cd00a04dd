#include "domain/model/assignment.h"

#include <array>
#include <bit>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace slipway::model {

std::uint64_t assignment_salt(std::string_view environment, std::string_view model) {
  return XXH3_64bits_withSeed(model.data(), model.size(), XXH3_64bits(environment.data(), environment.size()));
}

std::uint64_t experiment_salt(std::string_view experiment) {
  return XXH3_64bits(experiment.data(), experiment.size());
}

std::uint64_t unit_of(std::uint64_t salt, std::string_view key) {
  const std::uint64_t unit = XXH3_64bits_withSeed(key.data(), key.size(), salt);
  return unit == 0 ? 1 : unit;
}

std::uint32_t bucket_of(std::uint64_t unit, std::uint64_t experiment_salt) {
  if constexpr (std::endian::native == std::endian::big) unit = __builtin_bswap64(unit);
  return bucket_of(XXH3_64bits_withSeed(&unit, sizeof(unit), experiment_salt));
}

std::string_view name_of(AssignedBy by) {
  static constexpr std::array<std::string_view, kAssignedByCount> kNames = {"unit",     "chance",  "name",
                                                                            "override", "outside", "synthetic"};
  return kNames[static_cast<std::size_t>(by)];
}

}  // namespace slipway::model
