// Loop and WorkerPool: how work moves between threads. Port methods block, so no event loop ever calls one: slow work
// goes to the WorkerPool and its answer comes back through Loop::post, the only way onto a loop.
#pragma once

#include <functional>

#include "base/clock.h"

namespace slipway::ports {

using Task = std::function<void()>;

// One event loop and its thread. Owned by adapter/net.
class Loop {
 public:
  virtual ~Loop() = default;
  // Any thread. Runs `task` on the loop soon; wakes it. Always succeeds: what is posted answers work already admitted
  // by a bounded queue.
  virtual void post(Task task) = 0;
  // The loop's own thread only. Runs `task` once at or after `at`; there is no cancelling, so tasks look for themselves
  // whether they are still wanted.
  virtual void run_at(TimePoint at, Task task) = 0;
};

// The small pool for slow work. Any thread.
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  // False when its queue is full: the caller answers Overloaded.
  [[nodiscard]] virtual bool submit(Task task) = 0;
};

}  // namespace slipway::ports
