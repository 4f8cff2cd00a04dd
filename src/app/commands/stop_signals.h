// StopSignals: SIGINT and SIGTERM, from the beginning of the server to its end.
#pragma once

#include <atomic>
#include <thread>

namespace slipway::app {

// Owned by the serve command; made before any other thread, so that all of them leave these signals to its own thread.
// While the server starts, the first signal ends the process with code 0 at once: nothing is in flight yet, and
// everything on disk may be left at any moment. Later it ends wait(); one more ends the process with code 130.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void started();  // from now on a signal stops the server in order
  void wait();     // for one. Requires: started().

 private:
  enum class Phase { Starting, Running, Stopping, Ended };
  void listen();

  std::atomic<Phase> phase_{Phase::Starting};
  std::thread thread_;
};

}  // namespace slipway::app
