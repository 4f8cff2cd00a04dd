// The part of LoopLane that records what became of each request.
#include <algorithm>
#include <utility>

#include "domain/tensor/reduction.h"
#include "service/serving/loop_lane.h"
#include "service/serving/request_accounts.h"

namespace slipway::serving {

// Whether there is room for its record is decided here, before anything of its outcome is known.
LoopLane::Attribution LoopLane::attribute(const Slot& slot, const ports::PredictRequest& request,
                                          const model::Draw& draw) {
  Attribution of{request.request_id, slot.lease->name_hash(), slot.lease->described().version, draw, request.traffic};
  if (recorder_ == nullptr) return of;
  of.is_kept = recorder_->ring(index_).reserve();
  if (!of.is_kept) slot.counters->count_dropped_record(draw.probability);
  return of;
}

// Once for each request that was attributed. What it borrows is still there.
void LoopLane::record(const Attribution& of, const Outcome& outcome) {
  static_assert(tensor::kMostReduced == ports::kMostPredictionValues);
  if (!of.is_kept) return;
  ports::PredictionRecord record;
  record.request = model::RequestKey::of(of.request_id);
  record.model = of.model;
  record.version = of.version;
  record.draw = of.draw;
  record.status = outcome.failure ? static_cast<std::uint8_t>(1 + static_cast<unsigned>(*outcome.failure)) : 0;
  record.traffic = of.traffic;
  record.rows = static_cast<std::uint16_t>(std::min<std::uint64_t>(outcome.rows, UINT16_MAX));
  // Of the steady clock; the recorder makes it the time of day.
  record.at = WallTime(std::chrono::duration_cast<std::chrono::microseconds>(outcome.received.time_since_epoch()));
  record.latency = outcome.latency;
  record.pair = outcome.pair;
  if (!outcome.outputs.empty()) {
    const tensor::Reduced reduced = tensor::reduce(outcome.outputs, outcome.rows);
    record.values = reduced.values;
    record.value_count = reduced.count;
    record.outputs = reduced.digest;
  }
  if (recorder_->ring(index_).push(record)) recorder_->wake();
}

void LoopLane::fail(const Slot& slot, const Pending& pending, Duration took, ErrorCode code, std::uint16_t pair) {
  count_failure(*slot.counters, pending.protocol, took, code);
  record(pending.of, {pending.received, took, code, pending.member.rows, {}, pair});
}

Duration& LoopLane::spent_on(Slot& slot) const {
  if (std::exchange(slot.spent_in, flushes_) != flushes_) slot.spent = Duration::zero();
  return slot.spent;
}

}  // namespace slipway::serving
