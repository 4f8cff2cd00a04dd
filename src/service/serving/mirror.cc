#include "service/serving/mirror.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "domain/tensor/reduction.h"

namespace slipway::serving {
namespace {

constexpr Duration kRestingLook = std::chrono::milliseconds(200);  // when nothing is mirrored any more
constexpr int kLowestNice = 19;

// Idle: only when no other thread wants the core. Where that is not allowed, the weakest of those that share it.
void take_lowest_priority() {
  const sched_param none{};
  if (pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) == 0) return;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowestNice));
}

std::uint64_t rows_of(const MirroredRequest& request) {
  return request.to->has_rows() && !request.inputs.empty() ? static_cast<std::uint64_t>(request.inputs[0].shape[0]) : 1;
}

bool is_alone(const MirroredRequest& request) {
  if (!request.to->is_mergeable()) return true;
  const std::uint64_t rows = rows_of(request);
  return std::ranges::any_of(request.inputs,
                             [&](const auto& view) { return static_cast<std::uint64_t>(view.shape[0]) != rows; });
}

Result<void> check(const MirroredRequest& request) {
  if (request.is_foreign) return invalid_input("it has inputs or outputs that the version does not know");
  return tensor::check_request(request.to->signature(), request.inputs, request.to->max_batch());
}

}  // namespace

Mirror::Mirror(std::size_t lanes, const Clock& clock, MirrorSettings settings) : settings_(settings), clock_(clock) {
  for (std::size_t i = 0; i < lanes; ++i) {
    lanes_.push_back(std::make_unique<Lane>(settings_.places, bytes_, settings_.bytes.count));
  }
}

Mirror::~Mirror() {
  stop();
}

// A lane without a thread, for which the system gave none, drops what does not fit its ring.
void Mirror::begin() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = *lanes_[i];
    lane.ring.make_places();
    if (!settings_.starts_threads || lane.thread.joinable()) continue;
    try {
      lane.thread = std::thread([this, i] { work(i); });
    } catch (const std::system_error&) {
    }
  }
  state_.lock()->mirrors = true;
  changed_.notify_all();
}

void Mirror::end() {
  state_.lock()->mirrors = false;
}

// It looks by itself: to wake it would cost the lane more than the request.
void Mirror::work(std::size_t lane) {
  pthread_setname_np(pthread_self(), "slipway-mirror");
  take_lowest_priority();
  for (;;) {
    const bool was_busy = execute_next(lane);
    auto state = state_.lock();
    if (state->stopping) return;
    if (!was_busy) changed_.wait_for(state.lock(), state->mirrors ? settings_.look_every : kRestingLook);
    if (state->stopping) return;
  }
}

void Mirror::stop() {
  state_.lock()->stopping = true;
  changed_.notify_all();
  for (const auto& lane : lanes_) {
    if (lane->thread.joinable()) lane->thread.join();
    lane->ring.clear();
  }
}

bool Mirror::execute_next(std::size_t index) {
  Lane& lane = *lanes_[index];
  if (lane.ring.waiting() == 0) return false;
  MirroredRequest& first = lane.ring.at(0);
  if (const auto sound = check(first); !sound.ok()) {
    finish(first, index, {.failure = sound.error().code});
    lane.ring.drop();
    return true;
  }
  const std::size_t count = gather(lane);
  if (!execute(lane, index, count)) {  // one bad request must not fail its neighbours
    for (std::size_t i = 0; i < count; ++i) execute(lane, index, 1);
  }
  return true;
}

// How many of those that wait go into one execution.
std::size_t Mirror::gather(Lane& lane) const {
  const MirroredRequest& first = lane.ring.at(0);
  if (is_alone(first)) return 1;
  const ServedVersion& version = *first.to;
  const std::uint64_t limit = version.max_batch();
  const std::uint64_t most = limit == 0 ? settings_.most_rows : std::min(limit, settings_.most_rows);
  std::uint64_t rows = rows_of(first);
  const std::size_t waiting = lane.ring.waiting();
  std::size_t count = 1;
  for (; count < waiting; ++count) {
    const MirroredRequest& next = lane.ring.at(count);
    if (next.to != first.to || !check(next).ok() || is_alone(next)) break;
    rows += rows_of(next);
    if (rows > most || !(version.is_uniform() || fit_together(first.inputs, next.inputs))) break;
  }
  return count;
}

// Executes the first `count` that wait, and drops them. False, with nothing done: several failed together.
bool Mirror::execute(Lane& lane, std::size_t index, std::size_t count) {
  lane.members.clear();
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const MirroredRequest& request = lane.ring.at(i);
    lane.members.push_back({request.inputs, request.outputs, rows_of(request)});
    rows += lane.members.back().rows;
  }
  const ModelHandle version = lane.ring.at(0).to;
  const TimePoint started = clock_.now();
  const Result<Timings> ran = lane.execution.run(*version, lane.members, clock_, started);
  if (!ran.ok() && count > 1) return false;
  const Duration took = ran.ok() ? ran->ran_at - started : clock_.now() - started;
  version->counters().mirror(index).execution_time.add(static_cast<std::uint64_t>(std::max(took, Duration{0}).count()));
  for (std::size_t i = 0; i < count; ++i) {
    Outcome outcome{.latency = took, .rows = lane.members[i].rows};
    if (!ran.ok()) {
      outcome.failure = ran.error().code;
    } else if (const auto part = lane.execution.part(i); part.ok()) {
      outcome.outputs = part->outputs;
    } else {
      outcome.failure = part.error().code;
    }
    finish(lane.ring.at(0), index, outcome);
    lane.ring.drop();  // the members after it stay where they are
  }
  if (ran.ok()) lane.execution.release();
  return true;
}

void Mirror::finish(const MirroredRequest& request, std::size_t index, const Outcome& outcome) {
  MirrorCounters& counters = request.to->counters().mirror(index);
  (outcome.failure ? counters.failed : counters.answered).add(1);
  if (recorder_ == nullptr) return;
  RecordRing& ring = recorder_->mirror_ring(index);
  if (!ring.reserve()) return counters.unrecorded.add(1);
  ports::PredictionRecord record = request.record;
  record.status = outcome.failure ? static_cast<std::uint8_t>(1 + static_cast<unsigned>(*outcome.failure)) : 0;
  record.latency = outcome.latency;
  if (!outcome.outputs.empty()) {
    const tensor::Reduced reduced = tensor::reduce(outcome.outputs, outcome.rows);
    record.values = reduced.values;
    record.value_count = reduced.count;
    record.outputs = reduced.digest;
  }
  if (ring.push(record)) recorder_->wake();
}

}  // namespace slipway::serving
