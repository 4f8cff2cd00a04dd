// invariant(): ends the process on our own mistakes. Never used for input.
#pragma once

#include <source_location>
#include <string_view>

namespace slipway {

[[noreturn]] void fail_invariant(std::string_view why, std::source_location where);

// Requires: `holds`. On failure prints `why` with its place and aborts: a broken promise inside the house is not
// survivable.
inline void invariant(bool holds, std::string_view why, std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    fail_invariant(why, where);
}

}  // namespace slipway
