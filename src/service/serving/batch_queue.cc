#include "service/serving/batch_queue.h"

#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <tuple>

namespace slipway::serving {
namespace {

constexpr std::uint32_t kMostThreads = 256;
constexpr Duration kEstimateHolds = std::chrono::seconds(1);  // without an execution that confirms it

std::uint32_t threads_for(const ServedVersion& version, const QueueSettings& settings) {
  const std::uint32_t said = settings.threads != 0 ? settings.threads : version.manifest().instances;
  return std::clamp(said == 0 ? settings.cores : said, 1U, kMostThreads);
}

// 1 is the highest priority; 0 means the lowest.
std::uint32_t rank_of(std::uint32_t priority) {
  return priority - 1;
}

Result<ExecutedBatch::Answer> answer_of(Execution& execution, std::size_t member) {
  const Execution::Part part = TRY(execution.part(member));
  return ExecutedBatch::Answer{{part.outputs.begin(), part.outputs.end()}, {part.indices.begin(), part.indices.end()}};
}

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(duration).count()) + " ms";
}

}  // namespace

bool BatchQueue::Earlier::operator()(const QueuedRequest& a, const QueuedRequest& b) const {
  const auto key = [](const QueuedRequest& of) {
    return std::tuple(of.traffic, rank_of(of.priority), of.deadline.at, of.sequence);
  };
  return key(a) < key(b);
}

BatchQueue::BatchQueue(const ServedVersion& version, const model::Cost& cost, const QueueSettings& settings,
                       const Clock& clock)
    : version_(version), settings_(settings), clock_(clock), threads_(threads_for(version, settings)) {
  auto state = state_.lock();
  state->cost = batching::CostModel(cost);
  state->measured_at = clock_.now();
}

BatchQueue::~BatchQueue() {
  stop();
}

Result<void> BatchQueue::push(std::unique_ptr<QueuedRequest>& request, const ModelHandle& lease) {
  const TimePoint now = clock_.now();
  {
    auto state = state_.lock();
    const Duration wait = batching::queue_time(work_ahead(*state), threads_);
    if (state->stopping || state->waiting.size() >= settings_.capacity || wait > settings_.longest_wait ||
        !ends_in_time(*state, *request, now, wait)) {
      return refusal(state->waiting.size(), wait);
    }
    auto share = settings_.bytes->take(request->bytes);
    if (!share) return refusal_of_bytes(*request);
    if (!ensure_thread(*state)) {
      return overloaded("model \"" + version_.described().name.text() + "\": the system gives no thread to run it on");
    }
    request->sequence = ++state->sequence;
    request->share = std::move(*share);
    state->rows += request->rows;
    state->arrivals.observe(now, request->rows);
    state->lease = lease;
    state->waiting.insert(std::move(request));
  }
  ready_.notify_one();
  return {};
}

Result<void> BatchQueue::check_wait(std::size_t requests, Duration wait, Duration slack) const {
  if (wait <= std::min(settings_.longest_wait, slack)) return {};
  return overloaded(name() + ": " + std::to_string(requests) +
                    " requests wait on its loop, a new one would wait about " + milliseconds(wait));
}

// One more thread with each request until there are enough. False: the system gives none, and there is none yet.
bool BatchQueue::ensure_thread(State& state) {
  if (!settings_.starts_threads || state.threads.size() >= threads_) return true;
  try {
    state.threads.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    return !state.threads.empty();
  }
  return true;
}

std::unique_ptr<QueuedRequest> BatchQueue::remove(const QueuedRequest& request) {
  ModelHandle dropped;  // ends after the lock
  auto state = state_.lock();
  const auto found = state->waiting.find(request);
  if (found == state->waiting.end()) return nullptr;
  std::unique_ptr<QueuedRequest> removed = std::move(state->waiting.extract(found).value());
  state->rows -= removed->rows;
  if (state->waiting.empty()) dropped = std::move(state->lease);
  return removed;
}

BatchQueue::Load BatchQueue::load() const {
  auto state = state_.lock();
  return {state->waiting.size(), batching::queue_time(work_ahead(*state), threads_)};
}

void BatchQueue::stop() {
  std::vector<std::thread> threads;
  std::set<std::unique_ptr<QueuedRequest>, Earlier> dropped;
  ModelHandle lease;
  {
    auto state = state_.lock();
    state->stopping = true;
    threads.swap(state->threads);
    dropped.swap(state->waiting);
    lease.swap(state->lease);
    state->rows = 0;
  }
  ready_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

void BatchQueue::work() {
  pthread_setname_np(pthread_self(), "slipway-exec");
  for (;;) {
    std::shared_ptr<ExecutedBatch> batch;
    {
      auto state = state_.lock();
      ready_.wait(state.lock(), [&] { return state->stopping || !state->waiting.empty(); });
      if (state->stopping) return;
      TimePoint now = clock_.now();
      const TimePoint held_since = now;
      while (now - held_since < state->cost.cost().fixed && holds(*state, now)) {
        const auto gap = std::chrono::duration<double>(1 / state->arrivals.per_second(now));
        ready_.wait_for(state.lock(), gap);
        if (state->stopping) return;
        now = clock_.now();
      }
      batch = take_batch(*state, now);
      // While this thread held its batch it took every notification.
      if (!state->waiting.empty()) ready_.notify_one();
    }
    if (batch) execute(batch);
  }
}

bool BatchQueue::execute_next() {
  std::shared_ptr<ExecutedBatch> batch;
  {
    auto state = state_.lock();
    batch = take_batch(*state, clock_.now());
  }
  if (batch) execute(batch);
  return batch != nullptr;
}

bool BatchQueue::holds(State& state, TimePoint now) const {
  if (!version_.is_mergeable() || state.waiting.empty()) return false;
  Deadline earliest;
  for (const auto& request : state.waiting) earliest.at = std::min(earliest.at, request->deadline.at);
  const model::Cost cost = state.cost.cost();
  return batching::is_worth_waiting(
      cost, {state.rows, state.arrivals.per_second(now), earliest.is_never() ? Duration::max() : earliest.at - now,
             batching::best_batch(cost, version_.max_batch())});
}

std::unique_ptr<QueuedRequest> BatchQueue::take_first(State& state) const {
  std::unique_ptr<QueuedRequest> first = std::move(state.waiting.extract(state.waiting.begin()).value());
  state.rows -= first->rows;
  return first;
}

std::shared_ptr<ExecutedBatch> BatchQueue::take_batch(State& state, TimePoint now) const {
  if (state.waiting.empty()) return nullptr;
  auto batch = std::make_shared<ExecutedBatch>();
  batch->lease = state.lease;
  batch->started = now;
  const model::Cost cost = state.cost.cost();
  const std::uint64_t most = version_.is_mergeable() ? batching::best_batch(cost, version_.max_batch()) : 1;
  const QueuedRequest* model_of = nullptr;  // what the others must fit to
  while (!state.waiting.empty()) {
    const QueuedRequest& next = **state.waiting.begin();
    // What a slow hour has taught must not refuse everybody for ever: now and then one request tries.
    const bool tries = now - state.measured_at > kEstimateHolds && model_of == nullptr;
    if (next.deadline.has_passed(tries ? now : now + state.cost.estimate(next.rows))) {
      batch->requests.push_back(take_first(state));
      batch->answers.push_back(deadline_exceeded("waited " + milliseconds(now - batch->requests.back()->received) +
                                                 " in the queue of model \"" + version_.described().name.text() +
                                                 "\", the deadline leaves no time to run it"));
      continue;
    }
    const bool fits = model_of == nullptr || (!model_of->alone && !next.alone && batch->rows + next.rows <= most &&
                                              fit_together(model_of->inputs, next.inputs));
    if (!fits) break;
    batch->requests.push_back(take_first(state));
    batch->answers.push_back(ExecutedBatch::Answer{});
    model_of = batch->requests.back().get();
    state.measured_at = now;
    batch->rows += model_of->rows;
  }
  state.executing_rows += batch->rows;
  if (state.waiting.empty()) state.lease.reset();  // the batch holds one
  return batch;
}

void BatchQueue::execute(const std::shared_ptr<ExecutedBatch>& batch) {
  std::vector<Member> members;
  std::vector<std::size_t> places;  // of each member, in requests and answers
  for (std::size_t i = 0; i < batch->requests.size(); ++i) {
    if (!batch->answers[i].ok()) continue;
    members.push_back(batch->requests[i]->member());
    places.push_back(i);
  }
  if (!members.empty()) {
    const Result<Timings> ran = batch->execution.run(version_, members, clock_, clock_.now());
    note(batch->rows, ran);
    if (!ran.ok() && members.size() > 1) return execute_alone(*batch);
    if (ran.ok()) batch->timings = *ran;
    for (std::size_t i = 0; i < places.size(); ++i) {
      batch->answers[places[i]] =
          ran.ok() ? answer_of(batch->execution, i) : Result<ExecutedBatch::Answer>(ran.error());
    }
  }
  ExecutedBatch::hand_back(batch);
}

// One bad request must not fail its neighbours: each gets an execution of its own.
void BatchQueue::execute_alone(ExecutedBatch& failed) {
  for (std::size_t i = 0; i < failed.requests.size(); ++i) {
    auto alone = std::make_shared<ExecutedBatch>();
    alone->lease = failed.lease;
    alone->started = failed.started;
    alone->rows = failed.answers[i].ok() ? failed.requests[i]->rows : 0;
    alone->requests.push_back(std::move(failed.requests[i]));
    alone->answers.push_back(std::move(failed.answers[i]));
    state_.lock()->executing_rows += alone->rows;
    execute(alone);
  }
}

void BatchQueue::note(std::uint64_t rows, const Result<Timings>& ran) {
  auto state = state_.lock();
  state->executing_rows -= rows;
  if (ran.ok()) state->cost.observe(rows, ran->infer);
}

Duration BatchQueue::work_ahead(const State& state) const {
  const model::Cost cost = state.cost.cost();
  const std::uint64_t best = version_.is_mergeable() ? batching::best_batch(cost, version_.max_batch()) : 1;
  const auto executions = version_.is_mergeable() ? (state.rows + best - 1) / best : state.waiting.size();
  const auto running = state.executing_rows == 0 ? Duration::zero() : state.cost.estimate(state.executing_rows) / 2;
  return running + batching::time_of(cost, executions, state.rows);
}

// After `wait` the batch begins that it will ride in, and ends for all of its requests at once. With nothing ahead the
// request is always let in: an estimate that refuses everybody would never be corrected.
bool BatchQueue::ends_in_time(const State& state, const QueuedRequest& request, TimePoint now, Duration wait) const {
  if (request.deadline.is_never() || (state.waiting.empty() && state.executing_rows == 0)) return true;
  const std::uint64_t best =
      version_.is_mergeable() ? batching::best_batch(state.cost.cost(), version_.max_batch()) : 1;
  const std::uint64_t rows = std::max(request.rows, std::min(best, state.rows + request.rows));
  return wait + state.cost.estimate(rows) <= batching::usable(request.deadline.at - now);
}

std::string BatchQueue::name() const {
  return "model \"" + version_.described().name.text() + "\" version " + version_.described().version_text;
}

Error BatchQueue::refusal(std::size_t requests, Duration wait) const {
  return overloaded(name() + ": " + std::to_string(requests) + " of at most " + std::to_string(settings_.capacity) +
                    " requests wait, a new one would wait about " + milliseconds(wait));
}

Error BatchQueue::refusal_of_bytes(const QueuedRequest& request) const {
  return overloaded("model \"" + version_.described().name.text() + "\": the inputs are " +
                    std::to_string(request.bytes) + " bytes, and " + std::to_string(settings_.bytes->used().count) +
                    " of at most " + std::to_string(settings_.bytes->limit().count) + " bytes wait in all queues");
}

}  // namespace slipway::serving
