// WorkerPool: the few threads for slow work (loading, probing, blocking routes).
#pragma once

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "ports/loop.h"

namespace slipway::worker_pool {

struct Size {
  std::size_t threads = 4;
  std::size_t queue = 64;  // tasks waiting beyond those that run
};

// Owned by the application. submit() and queued(): any thread. A task that throws is logged and forgotten: its own
// code answers for it. close() refuses new tasks, runs those already accepted and joins; the destructor closes.
class WorkerPool final : public ports::WorkerPool {
 public:
  // `name` is the prefix of the threads' names: "worker-0", ...
  WorkerPool(Size size, std::string name, Log& log);
  ~WorkerPool() override;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  [[nodiscard]] bool submit(ports::Task task) override;
  std::size_t queued() const { return queue_.size(); }
  void close();

 private:
  void work(std::size_t index);

  const std::string name_;
  Log& log_;
  BoundedQueue<ports::Task> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace slipway::worker_pool
