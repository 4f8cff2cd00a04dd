// How records lie in a segment: docs/formats/prediction-log.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/prediction_log.h"

namespace slipway::log_segments {

enum class FrameKind : std::uint32_t { Predictions = 1, Outcomes = 2, Names = 3 };

inline constexpr std::string_view kMagic = "SLPWLOG2";
inline constexpr std::size_t kHeadSize = 16;   // of a segment: kMagic, then zeros
inline constexpr std::size_t kFrameHead = 16;  // kind, records, bytes, CRC-32
inline constexpr std::size_t kOutcomeSize = 120;
inline constexpr std::size_t kLargestFrame = 4 << 20;

struct Frame {
  FrameKind kind;
  std::uint32_t records;
  std::string_view payload;
};

void append_outcome(std::string& out, const ports::OutcomeRecord& record);
// Of a frame of them. Corrupt: there is one that this program does not know.
Result<std::vector<ports::OutcomeRecord>> read_outcomes(std::string_view payload);

std::uint32_t crc_of(std::string_view first, std::string_view second);  // CRC-32 of both, one after the other

// `payload` behind its head.
void append_frame(std::string& out, FrameKind kind, std::uint32_t records, std::string_view payload);
// The frame that `bytes` begin with; nullopt: it is cut off, or not as it was written.
std::optional<Frame> read_frame(std::string_view bytes);

}  // namespace slipway::log_segments
