// SessionWatch: ends connections whose server has not answered for too long.
#pragma once

#include <atomic>
#include <condition_variable>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/guarded.h"

namespace slipway::store_postgres {

// libpq waits for an answer without an end, and a server that stands still sends none. Owned by the Connector; its
// thread shuts such sockets down, so that the wait ends with a lost connection. Any thread.
class SessionWatch {
 public:
  // One connection's. Lives shorter than the connection and the watch.
  class Watched {
   public:
    Watched(SessionWatch& watch, int socket);
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched();
    void begins() { since_ = SystemClock().now().time_since_epoch().count(); }
    void ends() { since_ = 0; }

   private:
    friend class SessionWatch;
    SessionWatch& watch_;
    const int socket_;
    std::atomic<TimePoint::rep> since_ = 0;  // 0: waits for nothing
  };

  explicit SessionWatch(Duration longest);
  SessionWatch(const SessionWatch&) = delete;
  SessionWatch& operator=(const SessionWatch&) = delete;
  ~SessionWatch();

 private:
  struct State {
    std::set<Watched*> watched;
    bool is_over = false;
  };
  void run();

  const Duration longest_;
  Guarded<State> state_;
  std::condition_variable over_;
  std::thread thread_;
};

}  // namespace slipway::store_postgres
