// Ticker: the control thread. Calls one task at an interval, and at once when woken.
#pragma once

#include <condition_variable>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/guarded.h"
#include "ports/loop.h"

namespace slipway::worker_pool {

// Owned by the application. The task never waits: what takes time it hands to the WorkerPool. wake(): any thread.
// stop() returns when the task is not running and will not run again; the destructor stops.
class Ticker {
 public:
  // Nothing runs before start().
  Ticker(std::string name, Duration interval, ports::Task task);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  void start();
  void wake();
  void stop();

 private:
  struct State {
    bool woken = true;
    bool stopped = false;
  };
  void run();

  const std::string name_;
  const Duration interval_;
  const ports::Task task_;
  Guarded<State> state_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace slipway::worker_pool
