// The part of LoopLane that deals with requests in queues: their way back, their deadlines, their cancelling.
#include "service/serving/loop_lane.h"
#include "service/serving/request_accounts.h"

namespace slipway::serving {
namespace {

// What is refused or late was never executed.
bool is_of_engine(ErrorCode code) {
  return code == ErrorCode::InvalidInput || code == ErrorCode::Internal;
}

}  // namespace

void LoopLane::receive(std::shared_ptr<ExecutedBatch> batch) {
  loop_->post([this, batch = std::move(batch)] { take_back(*batch); });
}

void LoopLane::take_back(const ExecutedBatch& batch) {
  Slot& slot = *slots_[batch.lease->slot()];
  const Timings timings = batch.timings.value_or(Timings{});
  std::uint64_t answered = 0;
  std::size_t back = 0;  // taken off the slot at the end: completions may cancel, and an idle slot could be let go
  for (std::size_t i = 0; i < batch.requests.size(); ++i) {
    QueuedRequest& request = *batch.requests[i];
    if (request.receiver != this) continue;
    ++back;
    const auto found = queued_.find(request.completion);
    if (found == queued_.end() || found->second.number != request.ticket) continue;  // cancelled or expired
    deadlines_.erase({found->second.deadline, request.completion});
    const Ticket ticket = found->second;
    queued_.erase(found);
    const auto& answer = batch.answers[i];
    // Its inputs are its own: the mirror takes them over. Other lanes look at their sizes only.
    const bool is_mirrored = slot.mirror_to != nullptr && (answer.ok() || is_of_engine(answer.error().code));
    const std::uint16_t pair =
        is_mirrored ? mirror(slot, ticket.of, request.received, request.member(), &request.storage) : 0;
    if (!answer.ok()) {
      const Duration took = clock_.now() - request.received;
      count_failure(*slot.counters, request.protocol, took, answer.error().code);
      record(ticket.of, {request.received, took, answer.error().code, ticket.rows, {}, pair});
      request.completion->failed(answer.error());
      continue;
    }
    ++answered;
    count_answer(*slot.counters,
                 {timings.ran_at - request.received, batch.started - request.received, request.protocol}, timings);
    record(ticket.of,
           {request.received, timings.ran_at - request.received, std::nullopt, ticket.rows, answer->outputs, pair});
    request.completion->answered({batch.lease->described(), answer->outputs, answer->indices});
  }
  if (batch.timings && batch.requests.front()->receiver == this) {
    count_execution(*slot.counters, batch.rows, answered, timings, clock_.now() - timings.ran_at);
  }
  if (batch.timings) {
    observe(slot, {batch.rows, row_bytes(*batch.lease, batch.requests.front()->member())}, timings);
  }
  slot.queued -= back;
  let_go_if_idle(slot);
}

// Takes a request off the books; one that has begun comes back in take_back() and is dropped there.
bool LoopLane::drop_queued(ports::Completion& completion, ErrorCode why) {
  const auto found = queued_.find(&completion);
  if (found == queued_.end()) return false;
  const Ticket ticket = found->second;
  queued_.erase(found);
  deadlines_.erase({ticket.deadline, &completion});
  if (ticket.slot->lease->queue().remove(*ticket.request) != nullptr) --ticket.slot->queued;
  const Duration took = clock_.now() - ticket.received;
  count_failure(*ticket.slot->counters, ticket.protocol, took, why);
  record(ticket.of, {ticket.received, took, why, ticket.rows});
  let_go_if_idle(*ticket.slot);
  return true;
}

void LoopLane::arm(TimePoint deadline) {
  if (!armed_.empty() && deadline >= *armed_.begin()) return;
  armed_.insert(deadline);
  loop_->run_at(deadline, [this, deadline] { expire(deadline); });
}

void LoopLane::expire(TimePoint at) {
  const TimePoint now = clock_.now();
  armed_.erase(at);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    ports::Completion& completion = *deadlines_.begin()->second;
    drop_queued(completion, ErrorCode::DeadlineExceeded);
    completion.failed(deadline_exceeded("the deadline passed while the request waited for its turn or its execution"));
  }
  if (!deadlines_.empty()) arm(deadlines_.begin()->first);
}

}  // namespace slipway::serving
