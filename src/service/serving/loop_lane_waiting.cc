// The part of LoopLane that deals with requests that wait for their turn on the loop: how long, and no longer than
// that.
#include <algorithm>

#include "service/serving/loop_lane.h"
#include "service/serving/request_accounts.h"

namespace slipway::serving {

// What a tick does in any case need not be looked at. A version that borrows the loop is as slow as one in its queue.
Result<void> LoopLane::check_wait(const Slot& slot, const Pending& request) const {
  if (!slot.has_pending()) return {};
  const std::size_t requests = slot.pending.size() - slot.head;
  const model::Cost cost = slot.cost.cost();
  const auto takes = [&](std::uint64_t executions) { return batching::time_of(cost, executions, slot.pending_rows); };
  const bool is_guest = slot.placement == batching::Placement::Queued;
  if (!is_guest && takes(requests) <= batching::kTickBudget) return {};
  const std::uint64_t fitting =
      batching::rows_within(cost, is_guest ? batching::kLoneBudget : batching::kTickBudget);  // of one execution
  const std::uint64_t limit = slot.lease->max_batch();
  const std::uint64_t rows = !slot.merging ? 1 : limit == 0 ? fitting : std::min(fitting, limit);
  const Duration wait = takes(slot.merging ? (slot.pending_rows + rows - 1) / rows : requests);
  if (request.deadline.is_never()) return slot.lease->queue().check_wait(requests, wait, Duration::max());
  const std::uint64_t riding = slot.merging ? std::min(rows, slot.pending_rows + request.member.rows) : 1;
  const Duration slack = batching::usable(request.deadline.at - request.received) -
                         slot.cost.estimate(std::max(riding, request.member.rows));
  return slot.lease->queue().check_wait(requests, wait, slack);
}

// Of what the tick left over: gathering would look at a deadline only when its turn has come.
void LoopLane::expire_pending(TimePoint now) {
  for (std::size_t i = 0; i < active_.size(); ++i) {  // completions may submit
    if (active_[i]->earliest <= now) expire_pending(*active_[i], now);
  }
}

void LoopLane::expire_pending(Slot& slot, TimePoint now) {
  slot.earliest = TimePoint::max();
  for (std::size_t i = slot.head; i < slot.pending.size(); ++i) {
    const Pending pending = slot.pending[i];
    if (pending.completion == nullptr) continue;
    if (!pending.deadline.has_passed(now)) {
      slot.earliest = std::min(slot.earliest, pending.deadline.at);
      continue;
    }
    slot.pending[i].completion = nullptr;
    fail(slot, pending, now - pending.received, ErrorCode::DeadlineExceeded);
    pending.completion->failed(too_late(*slot.lease));
  }
}

Error LoopLane::too_late(const ServedVersion& version) {
  return deadline_exceeded("the deadline of a request to model \"" + version.described().name.text() +
                           "\" passed before its execution began");
}

}  // namespace slipway::serving
