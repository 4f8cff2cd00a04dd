// Predictions as a frame has them: each as what differs from the one before it. docs/formats/prediction-log.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/prediction_log.h"

namespace slipway::log_segments {

// A record as 16 numbers.
using PredictionWords = std::array<std::uint64_t, 16>;

// The records of one frame.
class PredictionPacker {
 public:
  void add(const ports::PredictionRecord& record, std::string& out);

 private:
  PredictionWords previous_{};
};

// Corrupt: the payload is not so many predictions, or none that this program knows.
Result<std::vector<ports::PredictionRecord>> unpack(std::string_view payload, std::uint32_t records);

}  // namespace slipway::log_segments
