// FrameBatch: frames that are written at once, and where their index finds them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "adapter/log_segments/segment_index.h"
#include "ports/prediction_log.h"

namespace slipway::log_segments {

inline constexpr std::size_t kMostInFrame = 512;  // records: to look one up its frame is read

struct FrameBatch {
  std::string frames;
  std::vector<SegmentIndex::Entry> entries;  // each with the place of its frame in `frames`

  void add(std::span<const ports::PredictionRecord> records);
  void add(std::span<const ports::OutcomeRecord> records);
  void add(const ModelNames& names);
};

// The same for a mirrored request and its twin.
std::uint64_t twin_hash(const ports::PredictionRecord& record);

// The keys of a record in the frame at `place`.
void add_entries(const ports::PredictionRecord& record, std::uint32_t place, std::vector<SegmentIndex::Entry>& into);
void add_entries(const ports::OutcomeRecord& record, std::uint32_t place, std::vector<SegmentIndex::Entry>& into);

}  // namespace slipway::log_segments
