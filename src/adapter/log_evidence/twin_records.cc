#include "adapter/log_evidence/twin_records.h"

#include <chrono>
#include <cstring>

namespace slipway::log_evidence {
namespace {

// What both have in common. The time is that of the request, told by clocks that may have moved between the two.
std::uint64_t pair_of(const ports::PredictionRecord& record) {
  std::string text(record.request.text());
  text += '\0';
  for (const std::uint64_t part : {record.model, record.draw.unit, std::uint64_t{record.pair}}) {
    char bytes[sizeof part];
    std::memcpy(bytes, &part, sizeof part);
    text.append(bytes, sizeof part);
  }
  return model::hash_of(text);
}

}  // namespace

evidence::Twin twin_of(const ports::PredictionRecord& record) {
  evidence::Twin twin;
  twin.pair = pair_of(record);
  twin.is_candidates = record.traffic == ports::Traffic::Shadow;
  twin.t = std::chrono::duration<double>(record.at.time_since_epoch()).count();
  twin.unit = record.draw.by == model::AssignedBy::Unit ? record.draw.unit : 0;
  twin.answer.error = record.is_failure();
  for (std::size_t i = 0; i < record.value_count; ++i) {
    twin.answer.values.at(i) = static_cast<double>(record.values.at(i));
  }
  twin.answer.outputs = record.outputs;
  return twin;
}

}  // namespace slipway::log_evidence
