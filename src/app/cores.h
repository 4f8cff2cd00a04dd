// How many cores this process may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway::app {

// Those of its affinity mask, fewer where a control group limits its time: containers are often given two cores' worth
// of time on a machine of sixty-four. At least 1. Reads files, so it is asked once.
std::uint32_t available_cores();

// Cores' worth of time, rounded up, in the text of cgroup 2's cpu.max ("150000 100000"); none: no limit, or no such
// text.
std::optional<std::uint32_t> cores_of_quota(std::string_view cpu_max);

}  // namespace slipway::app
