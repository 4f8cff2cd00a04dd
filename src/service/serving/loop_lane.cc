#include "service/serving/loop_lane.h"

#include <algorithm>

#include "base/invariant.h"
#include "base/text.h"
#include "service/serving/request_accounts.h"
#include "service/serving/request_slices.h"

namespace slipway::serving {
namespace {

constexpr std::size_t kMostPending = 65'536;   // requests of one tick of one loop
constexpr std::uint32_t kPlacementEvery = 64;  // executions between two looks at where a version runs
constexpr std::size_t kMostRetained = 4096;    // requests whose memory a quiet slot keeps
constexpr std::size_t kMostDone = 1024;        // requests that are done and still stand before those that wait

std::uint64_t rank_of(const ports::PredictRequest& request) {
  return static_cast<std::uint64_t>(request.traffic) << 32 | (request.priority - 1U);
}

std::uint64_t rows_of(const ServedVersion& version, std::span<const tensor::TensorView> inputs) {
  return version.has_rows() && !inputs.empty() ? static_cast<std::uint64_t>(inputs[0].shape[0]) : 1;
}

bool rows_differ(std::span<const tensor::TensorView> inputs, std::uint64_t rows) {
  return std::ranges::any_of(inputs,
                             [&](const auto& view) { return static_cast<std::uint64_t>(view.shape[0]) != rows; });
}

}  // namespace

LoopLane::LoopLane(std::size_t index, const Snapshot<ServingTable>& table, const Clock& clock, std::uint64_t seed,
                   MirrorRing& mirrored)
    : index_(index), clock_(clock), table_(table), random_(seed), mirrored_(mirrored) {}

LoopLane::~LoopLane() = default;

Result<DrawnVersion> LoopLane::draw_version(const ServingTable& table, const ports::PredictRequest& request) {
  auto drawn = serving::draw_version(table, request, random_);
  if (!drawn) refusals_.refused[static_cast<std::size_t>(drawn.error().code)].add(1);
  return drawn;
}

Result<ports::Assignment> LoopLane::assign(const ports::PredictRequest& request) {
  DrawnVersion drawn = TRY(draw_version(table_.refresh(), request));
  // Its parts are one unit.
  if (drawn.draw.by == model::AssignedBy::Chance) drawn.draw.unit = next_random(random_) | 1;
  return ports::Assignment{*drawn.version, drawn.draw};
}

void LoopLane::submit(const ports::PredictRequest& request, ports::Completion& completion) {
  const ServingTable& table = table_.refresh();
  Slot* chosen = nullptr;
  model::Draw draw;
  if (request.assigned != nullptr) {
    chosen = &slot_of_assigned(table, *request.assigned);
    draw = request.assigned->draw;
    add_slices(table, request, draw);
  } else {
    const auto drawn = draw_version(table, request);
    if (!drawn) return completion.failed(drawn.error());
    chosen = &slot_of(*drawn->version);
    draw = drawn->draw;
  }
  Slot& slot = *chosen;
  const ServedVersion& served = *slot.lease;
  const TimePoint received = request.received_at ? *request.received_at : clock_.now();
  if (&slot != last_asked_) {
    last_asked_ = &slot;
    alone_since_ = received;
  }
  const Attribution of = attribute(slot, request, draw);
  Result<void> admitted = check(served, request);
  if (admitted.ok()) {
    const std::uint64_t rows = rows_of(served, request.inputs);
    const Duration limit = served.manifest().limits.timeout;
    const Pending pending{&completion,
                          {request.inputs, request.outputs, rows},
                          !slot.merging || (request.inputs.size() > 1 && rows_differ(request.inputs, rows)),
                          received,
                          Deadline::after(received, request.timeout ? std::min(*request.timeout, limit) : limit),
                          request.protocol,
                          rank_of(request),
                          of};
    if (!runs_here(slot, pending.member, received)) {
      admitted = enqueue(slot, pending, request);
      if (admitted.ok()) return;
    } else if (pending_ >= kMostPending) {
      admitted = overloaded("expected at most " + std::to_string(kMostPending) + " requests in one tick of a loop");
    } else if (auto waits = check_wait(slot, pending); !waits) {
      admitted = std::move(waits);
    } else {
      if (slot.has_pending() && slot.pending.back().rank != pending.rank) slot.mixed_ranks = true;
      slot.pending.push_back(pending);
      slot.pending_rows += rows;
      slot.earliest = std::min(slot.earliest, pending.deadline.at);
      ++pending_;
      if (!std::exchange(slot.active, true)) active_.push_back(&slot);
      return;
    }
  }
  const Duration took = clock_.now() - received;
  count_failure(*slot.counters, request.protocol, took, admitted.error().code);
  record(of, {received, took, admitted.error().code, 0});
  let_go_if_idle(slot);
  completion.failed(admitted.error());
}

bool LoopLane::runs_here(const Slot& slot, const Member& member, TimePoint now) const {
  if (slot.placement == batching::Placement::Inline && member.rows == 1 && slot.lease->has_fixed_rows()) [[likely]]
    return true;
  const model::Execution asked = slot.lease->manifest().batching.execution;
  if (asked != model::Execution::Auto) return asked == model::Execution::Inline;
  if (!slot.sizes.admits(row_bytes(*slot.lease, member))) return false;
  const Duration takes = slot.cost.estimate(member.rows);
  if (slot.placement == batching::Placement::Inline && takes <= batching::kTickBudget) return true;
  return takes <= lone_budget(slot, now);
}

// What a tick may take for a version that should be in its queue.
Duration LoopLane::lone_budget(const Slot& slot, TimePoint now) const {
  const Duration alone = &slot == last_asked_ ? now - alone_since_ : Duration::zero();
  return batching::budget_on_loop(slot.lease->manifest().batching.execution,
                                  {slot.lease->cores(), slot.lease->loops(), alone});
}

LoopLane::Slot& LoopLane::slot_of(const ModelHandle& version) {
  const std::size_t place = version->slot();
  if (place < slots_.size() && slots_[place]->lease == version) [[likely]]
    return *slots_[place];
  while (slots_.size() <= place) slots_.push_back(std::make_unique<Slot>());
  Slot& slot = *slots_[place];
  invariant(slot.lease == nullptr, "a slot is given to another version only when nobody holds the last one");
  slot.lease = version;
  slot.counters = &version->counters().lane(index_);
  slot.cost = batching::CostModel(version->verification().cost);
  slot.placement = batching::first_placement(version->verification().cost, version->manifest().batching.execution);
  slot.merging = version->is_mergeable();
  slot.left_table = false;
  aim_mirror(slot, table_.pointer()->find(version->described().name.text()));
  return slot;
}

// It was assigned before its inputs were read.
void LoopLane::add_slices(const ServingTable& table, const ports::PredictRequest& request, model::Draw& draw) {
  if (!model::is_drawn(draw.by)) return;
  const Route* route = table.find(request.model);
  if (route == nullptr || route->revision != draw.revision || route->rule.slicing.columns.empty()) return;
  draw.slices = request_slices(route->rule.slicing, request, draw.slices);
}

// An assigned version may have left the table since, and this lane may have let go of it.
LoopLane::Slot& LoopLane::slot_of_assigned(const ServingTable& table, const ports::Assignment& assigned) {
  const auto version = std::static_pointer_cast<const ServedVersion>(assigned.version);
  Slot& slot = slot_of(version);
  const Route* route = table.find(version->described().name.text());
  const ModelHandle* listed = route == nullptr ? nullptr : route->find(version->described().version);
  slot.left_table = listed == nullptr || *listed != version;
  return slot;
}

Result<void> LoopLane::check(const ServedVersion& version, const ports::PredictRequest& request) const {
  TRY(tensor::check_request(version.signature(), request.inputs, version.max_batch()));
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const std::string_view name = request.outputs[i].name;
    const auto same = [&](const ports::RequestedOutput& other) { return other.name == name; };
    if (!version.signature().output_index(name)) {
      return invalid_input("unknown output \"" + printable(name) + "\" of model \"" + version.described().name.text() +
                           "\"");
    }
    if (std::ranges::any_of(request.outputs.first(i), same)) {
      return invalid_input("output \"" + printable(name) + "\" is asked for twice");
    }
  }
  return {};
}

Result<void> LoopLane::enqueue(Slot& slot, const Pending& pending, const ports::PredictRequest& asked) {
  invariant(loop_ != nullptr, "a lane is attached to its loop before requests are queued");
  auto request = std::make_unique<QueuedRequest>();
  request->ticket = ++last_ticket_;
  request->receiver = this;
  request->completion = pending.completion;
  request->protocol = pending.protocol;
  request->received = pending.received;
  request->deadline = pending.deadline;
  request->traffic = asked.traffic;
  request->priority = asked.priority;
  request->alone = pending.alone;
  request->keep(pending.member, slot.lease->signature());
  // On the books before the queue has it: an execution thread may be done before push() returns.
  queued_[pending.completion] = {request->ticket,  request.get(),    &slot,      pending.deadline.at,
                                 pending.received, pending.protocol, pending.of, pending.member.rows};
  ++slot.queued;
  if (auto pushed = slot.lease->queue().push(request, slot.lease); !pushed) {
    queued_.erase(pending.completion);
    --slot.queued;
    return pushed;
  }
  if (pending.deadline.is_never()) return {};
  deadlines_.emplace(pending.deadline.at, pending.completion);
  arm(pending.deadline.at);
  return {};
}

void LoopLane::flush() {
  if (mirrored_.has_unoffered()) mirrored_.offer();
  if (active_.empty()) return mirrored_.mark();
  TimePoint now = clock_.now();
  spent_ = Duration::zero();
  ++flushes_;
  const Slot& first = *active_.front();
  const bool is_guest = first.placement == batching::Placement::Queued;
  const TimePoint until = now + std::max(batching::kTickBudget, is_guest ? lone_budget(first, now) : Duration::zero());
  do {
    Slot& slot = *active_.front();
    if (gather(slot, now, until - now)) {
      const TimePoint ended = run(slot, now);  // what fails takes time as well
      spent_on(slot) += ended - now;
      spent_ += ended - std::exchange(now, ended);
    }
    if (slot.has_pending()) {
      drop_done(slot);
      std::rotate(active_.begin(), active_.begin() + 1, active_.end());
    } else {
      active_.erase(active_.begin());
      slot.active = false;
      slot.head = 0;
      slot.earliest = TimePoint::max();
      slot.pending.clear();
      if (slot.pending.capacity() > kMostRetained) slot.pending.shrink_to_fit();
      let_go_if_idle(slot);
    }
  } while (!active_.empty() && now < until);
  expire_pending(now);
  mirrored_.mark();
}

// Under lasting load a slot never empties: what is done must go all the same.
void LoopLane::drop_done(Slot& slot) {
  if (slot.head < kMostDone || slot.head * 2 < slot.pending.size()) return;
  slot.pending.erase(slot.pending.begin(), slot.pending.begin() + static_cast<std::ptrdiff_t>(slot.head));
  slot.head = 0;
}

// Fills running_ with the requests of the next execution. False if none is left.
bool LoopLane::gather(Slot& slot, TimePoint now, Duration budget) {
  running_.clear();
  if (std::exchange(slot.mixed_ranks, false)) {
    std::ranges::stable_sort(slot.pending.begin() + static_cast<std::ptrdiff_t>(slot.head), slot.pending.end(), {},
                             &Pending::rank);
  }
  const ServedVersion& version = *slot.lease;
  const std::uint64_t fitting = batching::rows_within(slot.cost.cost(), budget);
  const std::uint64_t most = version.max_batch() == 0 ? fitting : std::min(fitting, version.max_batch());
  std::uint64_t rows = 0;
  while (slot.has_pending()) {
    const Pending next = slot.pending[slot.head];
    if (next.completion != nullptr && !next.deadline.has_passed(now)) {
      const bool fits = running_.empty() ||
                        (!next.alone && !running_.front().alone && rows + next.member.rows <= most &&
                         (version.is_uniform() || fit_together(running_.front().member.inputs, next.member.inputs)));
      if (!fits) break;
      running_.push_back(next);
      rows += next.member.rows;
    }
    ++slot.head;
    slot.pending_rows -= next.member.rows;
    --pending_;
    if (next.completion != nullptr && next.deadline.has_passed(now)) {
      fail(slot, next, now - next.received, ErrorCode::DeadlineExceeded);
      next.completion->failed(too_late(version));
    }
  }
  return !running_.empty();
}

// Executes running_ and answers. Returns when it ended.
TimePoint LoopLane::run(Slot& slot, TimePoint started) {
  // A completion told of its deadline while gathering may have cancelled others: their inputs are gone.
  std::erase_if(running_, [](const Pending& pending) { return pending.completion == nullptr; });
  if (running_.empty()) return started;
  members_.clear();
  std::uint64_t rows = 0;
  for (const Pending& pending : running_) {
    members_.push_back(pending.member);
    rows += pending.member.rows;
  }
  const Executed executed{rows, row_bytes(*slot.lease, members_.front())};
  const Result<Timings> ran = execution_.run(*slot.lease, members_, clock_, started);
  if (!ran.ok()) {
    if (running_.size() > 1) return run_alone(slot);
    fail(slot, running_[0], clock_.now() - running_[0].received, ran.error().code, mirror(slot, running_[0]));
    std::exchange(running_[0].completion, nullptr)->failed(ran.error());
    running_.clear();  // the same completion may stand for another request before the next execution
    return clock_.now();
  }
  // What is recorded of a version must not depend on which others' requests the tick ran before its own.
  const Duration of_others = spent_ - spent_on(slot);
  std::uint64_t answered = 0;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    const auto part = execution_.part(i);
    const Pending& pending = running_[i];  // running_ does not move while completions are told
    if (pending.completion == nullptr) continue;
    const Duration latency = ran->ran_at - pending.received;
    if (!part.ok()) {
      fail(slot, pending, latency, part.error().code, mirror(slot, pending));
      std::exchange(running_[i].completion, nullptr)->failed(part.error());
      continue;
    }
    ++answered;
    count_answer(*slot.counters, {latency, started - pending.received, pending.protocol}, *ran);
    const std::uint16_t pair = mirror(slot, pending);
    const Duration own = std::max(latency - of_others, ran->ran_at - started);
    record(pending.of, {pending.received, own, std::nullopt, pending.member.rows, part->outputs, pair});
    std::exchange(running_[i].completion, nullptr)->answered({slot.lease->described(), part->outputs, part->indices});
  }
  execution_.release();
  running_.clear();
  const TimePoint ended = clock_.now();
  count_execution(*slot.counters, rows, answered, *ran, ended - ran->ran_at);
  observe(slot, executed, *ran);
  return ended;
}

// An execution of several failed: one bad request must not fail its neighbours, so each gets one of its own.
TimePoint LoopLane::run_alone(Slot& slot) {
  to_run_alone_.swap(running_);
  const std::uint64_t failed_before = slot.counters->failed.value();
  TimePoint now = clock_.now();
  for (std::size_t i = 0; i < to_run_alone_.size(); ++i) {
    if (to_run_alone_[i].completion == nullptr) continue;
    running_.assign(1, to_run_alone_[i]);
    to_run_alone_[i].completion = nullptr;
    now = run(slot, now);
  }
  to_run_alone_.clear();
  if (slot.counters->failed.value() == failed_before) slot.merging = false;  // merging itself was at fault
  return now;
}

// Of a row's inputs; 0 where every row has the same size, which every bound admits.
std::uint64_t LoopLane::row_bytes(const ServedVersion& version, const Member& member) {
  if (version.has_fixed_rows()) return 0;
  std::uint64_t bytes = 0;
  for (const tensor::TensorView& input : member.inputs) bytes += input.data.size();
  return bytes / std::max<std::uint64_t>(member.rows, 1);
}

void LoopLane::observe(Slot& slot, const Executed& executed, const Timings& timings) {
  slot.cost.observe(executed.rows, timings.infer);
  slot.sizes.observe(executed.row_bytes,
                     timings.infer / static_cast<std::int64_t>(std::max<std::uint64_t>(executed.rows, 1)));
  if (++slot.executions % kPlacementEvery != 0) return;
  slot.placement =
      batching::next_placement(slot.cost.cost(), slot.lease->manifest().batching.execution, slot.placement);
}

void LoopLane::cancel(ports::Completion& completion) {
  if (drop_queued(completion, ErrorCode::Cancelled)) return;
  for (std::vector<Pending>* list : {&running_, &to_run_alone_}) {
    for (Pending& pending : *list) {
      if (pending.completion != &completion) continue;
      pending.completion = nullptr;
      record(pending.of,
             {pending.received, clock_.now() - pending.received, ErrorCode::Cancelled, pending.member.rows});
    }
  }
  for (Slot* slot : active_) {
    for (std::size_t i = slot->head; i < slot->pending.size(); ++i) {
      Pending& pending = slot->pending[i];
      if (pending.completion != &completion) continue;
      pending.completion = nullptr;
      fail(*slot, pending, clock_.now() - pending.received, ErrorCode::Cancelled);
      return;
    }
  }
}

void LoopLane::refresh() {
  const ServingTable& table = table_.refresh();
  for (const auto& slot : slots_) {
    if (slot->lease == nullptr) continue;
    const Route* route = table.find(slot->lease->described().name.text());
    const ModelHandle* listed = route == nullptr ? nullptr : route->find(slot->lease->described().version);
    slot->left_table = listed == nullptr || *listed != slot->lease;
    aim_mirror(*slot, route);
    let_go_if_idle(*slot);
  }
}

void LoopLane::let_go_if_idle(Slot& slot) {
  if (!slot.left_table || slot.active || slot.queued != 0) return;
  slot = Slot{};
}

}  // namespace slipway::serving
