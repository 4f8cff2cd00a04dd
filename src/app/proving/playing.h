// Playing: many rollouts of a scenario, on several threads.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "domain/proof/suite.h"

namespace slipway::proving {

struct Playing {
  std::uint32_t rollouts = 200;  // a scenario may ask for more
  std::uint64_t seed = 1;        // of the first; each next one is one more
  std::uint32_t threads = 1;
};

// The same for any number of threads. Blocks. InvalidInput: the scenario's plan is none.
Result<proof::Score> play(const proof::Scenario& scenario, const Playing& playing);

}  // namespace slipway::proving
