// ServerSignals: what is asked of a running server by signals, from its beginning to its end.
#pragma once

#include <atomic>
#include <thread>

namespace slipway::app {

// Owned by the serve command; made before any other thread, so that all of them leave these signals to its own thread.
// SIGINT and SIGTERM: while the server starts, the first ends the process with code 0 at once: nothing is in flight
// yet, and everything on disk may be left at any moment. Later the first asks for a stop; one more ends the process
// with code 130. SIGUSR2 asks a running server to hand over; at any other time it means nothing.
class ServerSignals {
 public:
  enum class Request { HandOver, Stop };

  ServerSignals();
  ~ServerSignals();
  ServerSignals(const ServerSignals&) = delete;
  ServerSignals& operator=(const ServerSignals&) = delete;

  void started();          // from now on a signal asks for something
  Request wait();          // Requires: started().
  void not_handed_over();  // after Request::HandOver: the server goes on
  bool must_stop() const { return phase_ == Phase::Stopping; }

 private:
  enum class Phase { Starting, Running, HandingOver, Stopping, Ended };
  void listen();
  bool move(Phase from, Phase to);

  std::atomic<Phase> phase_{Phase::Starting};
  std::thread thread_;
};

}  // namespace slipway::app
