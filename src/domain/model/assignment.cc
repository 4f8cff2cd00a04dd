#include "domain/model/assignment.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace slipway::model {

std::uint64_t assignment_salt(std::string_view environment, std::string_view model) {
  return XXH3_64bits_withSeed(model.data(), model.size(), XXH3_64bits(environment.data(), environment.size()));
}

std::uint32_t bucket_of(std::uint64_t salt, std::string_view unit) {
  return bucket_of(XXH3_64bits_withSeed(unit.data(), unit.size(), salt));
}

}  // namespace slipway::model
