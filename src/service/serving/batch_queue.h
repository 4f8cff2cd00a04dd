// BatchQueue: requests to a version too slow for an event loop, and the threads that execute them.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "domain/batching/batch_plan.h"
#include "domain/batching/cost_model.h"
#include "service/serving/byte_budget.h"
#include "service/serving/queued_request.h"

namespace slipway::serving {

struct QueueSettings {
  std::size_t capacity = 1024;  // requests
  // Of their inputs, over the queues of all versions that share these settings.
  std::shared_ptr<ByteBudget> bytes = std::make_shared<ByteBudget>(mebibytes(256));
  Duration longest_wait = std::chrono::seconds(5);  // estimated; also bounded by each request's deadline
  std::uint32_t threads = 0;                        // 0: the manifest's instances, else one per core
  std::uint32_t cores = std::max(1U, std::thread::hardware_concurrency());  // that the process may use
  bool starts_threads = true;                                               // false: a test calls execute_next()
};

// push(), remove(), load(): any thread. Order: traffic class, priority, deadline, arrival. When it is full, or the work
// ahead leaves no time, it refuses: Overloaded, with the estimated wait. Threads start with the first request.
class BatchQueue {
 public:
  BatchQueue(const ServedVersion& version, const model::Cost& cost, const QueueSettings& settings, const Clock& clock);
  ~BatchQueue();

  // On failure the request stays with the caller. `lease` is kept while requests wait or run.
  Result<void> push(std::unique_ptr<QueuedRequest>& request, const ModelHandle& lease);
  // Overloaded if a wait of this length is more than such a request may have: as push() refuses, for one that would
  // wait elsewhere behind `requests` others.
  Result<void> check_wait(std::size_t requests, Duration wait, Duration slack) const;
  // The request if its execution has not begun; null if it has. Requires: pushed, and not yet received back.
  std::unique_ptr<QueuedRequest> remove(const QueuedRequest& request);

  // Executes one batch now and hands it back. False when nothing is queued.
  bool execute_next();
  // Drops what is queued, without telling anyone, and joins the threads.
  void stop();

  struct Load {
    std::size_t requests = 0;
    Duration wait{0};  // estimated, for a request that came now
  };
  Load load() const;

 private:
  struct Earlier {
    using is_transparent = void;
    using Held = std::unique_ptr<QueuedRequest>;
    bool operator()(const QueuedRequest& a, const QueuedRequest& b) const;
    bool operator()(const Held& a, const Held& b) const { return (*this)(*a, *b); }
    bool operator()(const Held& a, const QueuedRequest& b) const { return (*this)(*a, b); }
    bool operator()(const QueuedRequest& a, const Held& b) const { return (*this)(a, *b); }
  };
  struct State {
    std::set<std::unique_ptr<QueuedRequest>, Earlier> waiting;
    std::uint64_t rows = 0;
    std::uint64_t sequence = 0;
    std::uint64_t executing_rows = 0;
    batching::CostModel cost;
    batching::ArrivalRate arrivals;
    TimePoint measured_at{};  // when `cost` was last held against an execution
    ModelHandle lease;        // while anything waits
    bool stopping = false;
    std::vector<std::thread> threads;
  };

  bool ensure_thread(State& state);
  void work();
  std::unique_ptr<QueuedRequest> take_first(State& state) const;
  std::shared_ptr<ExecutedBatch> take_batch(State& state, TimePoint now) const;
  void execute(const std::shared_ptr<ExecutedBatch>& batch);
  void execute_alone(ExecutedBatch& failed);
  void note(std::uint64_t rows, const Result<Timings>& ran);
  bool holds(State& state, TimePoint now) const;
  Duration work_ahead(const State& state) const;
  bool ends_in_time(const State& state, const QueuedRequest& request, TimePoint now, Duration wait) const;
  std::string name() const;
  Error refusal(std::size_t requests, Duration wait) const;
  Error refusal_of_bytes(const QueuedRequest& request) const;

  const ServedVersion& version_;
  const QueueSettings settings_;
  const Clock& clock_;
  const std::uint32_t threads_;
  Guarded<State> state_;
  std::condition_variable ready_;
};

}  // namespace slipway::serving
