// TraceLines: recorded or made-up traffic as JSON lines (docs/formats/trace.md), read as observations.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/evidence/observation.h"

namespace slipway::trace_lines {

inline constexpr std::size_t kLongestLine = 64 * 1024;

// Knows the plan's slices by name. One thread.
class TraceLines {
 public:
  explicit TraceLines(std::span<const std::string> slices) : slices_(slices.begin(), slices.end()) {}

  // One line, without its end. InvalidInput says what is wrong and where in the line.
  Result<evidence::Observation> read(std::string_view line) const;

 private:
  std::vector<std::string> slices_;
};

}  // namespace slipway::trace_lines
