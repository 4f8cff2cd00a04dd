// Which system calls computing needs, and which no engine asks for.
#pragma once

#include <span>

namespace slipway::probe_process {

struct CallName {
  long number;
  const char* name;
};

std::span<const long> allowed_calls();      // whatever their arguments
std::span<const CallName> trapped_calls();  // an attempt ends the process
const CallName* find_trap(long number);     // nullptr: not among them

}  // namespace slipway::probe_process
