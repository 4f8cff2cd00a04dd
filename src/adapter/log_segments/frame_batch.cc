#include "adapter/log_segments/frame_batch.h"

#include <algorithm>
#include <bit>

#include "adapter/log_segments/packed_predictions.h"
#include "adapter/log_segments/record_bytes.h"

namespace slipway::log_segments {
namespace {

template <class Record, class Write>
void add_all(FrameBatch& batch, FrameKind kind, std::span<const Record> records, Write write) {
  std::string payload;
  while (!records.empty()) {
    const auto part = records.first(std::min(records.size(), kMostInFrame));
    records = records.subspan(part.size());
    payload.clear();
    write(part, payload);
    const auto place = static_cast<std::uint32_t>(batch.frames.size());
    for (const Record& record : part) add_entries(record, place, batch.entries);
    append_frame(batch.frames, kind, static_cast<std::uint32_t>(part.size()), payload);
  }
}

}  // namespace

void FrameBatch::add(std::span<const ports::PredictionRecord> records) {
  add_all(*this, FrameKind::Predictions, records, [](auto part, std::string& payload) {
    PredictionPacker packer;
    for (const auto& record : part) packer.add(record, payload);
  });
}

void FrameBatch::add(std::span<const ports::OutcomeRecord> records) {
  add_all(*this, FrameKind::Outcomes, records, [](auto part, std::string& payload) {
    for (const auto& record : part) append_outcome(payload, record);
  });
}

void FrameBatch::add(const ModelNames& names) {
  append_frame(frames, FrameKind::Names, static_cast<std::uint32_t>(names.size()), written(names));
}

std::uint64_t twin_hash(const ports::PredictionRecord& record) {
  return model::hash_of(record.request.text()) ^ unit_hash(record.model, record.draw.unit) ^
         std::rotl(std::uint64_t{record.pair}, 32);
}

void add_entries(const ports::PredictionRecord& record, std::uint32_t place, std::vector<SegmentIndex::Entry>& into) {
  if (record.traffic == ports::Traffic::Shadow) {  // nobody was given it: it is found through its request alone
    into.push_back({twin_hash(record), place, KeyKind::Twin});
    return;
  }
  if (!record.request.is_empty()) {
    into.push_back({model::hash_of(record.request.text()), place, KeyKind::Request});
  }
  if (record.draw.unit != 0) into.push_back({unit_hash(record.model, record.draw.unit), place, KeyKind::Unit});
}

void add_entries(const ports::OutcomeRecord& record, std::uint32_t place, std::vector<SegmentIndex::Entry>& into) {
  into.push_back({record.key, place, KeyKind::Outcome});
}

}  // namespace slipway::log_segments
