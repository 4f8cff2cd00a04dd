// How much of the machine this process may use: cores and memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace slipway::app {

// Those of its affinity mask, fewer where a control group limits its time: containers are often given two cores' worth
// of time on a machine of sixty-four. At least 1. Reads files, so it is asked once.
std::uint32_t available_cores();

// Cores' worth of time, rounded up, in the text of cgroup 2's cpu.max ("150000 100000"); none: no limit, or no such
// text.
std::optional<std::uint32_t> cores_of_quota(std::string_view cpu_max);

// The machine's memory, less where a control group limits it. Reads files, so it is asked once.
Bytes available_memory();

// The bytes in the text of cgroup 2's memory.max ("2147483648"); none: no limit, or no such text.
std::optional<std::uint64_t> bytes_of_limit(std::string_view memory_max);

}  // namespace slipway::app
