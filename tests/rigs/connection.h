// Connection: one client of the load, with several requests under way, which leaves in the middle now and then.
#pragma once

#include <netinet/in.h>

#include <deque>
#include <string>

#include "rigs/expectation.h"
#include "rigs/judge.h"

namespace slipway::rigs {

struct Habits {
  std::size_t pipeline = 4;         // requests under way
  double leaves_early = 0;          // chance after each answer that it hangs up with all of them under way
  double leaves_mid_request = 0.5;  // of those times: first it sends a part of one more
};

// Owns its socket; one thread. A server that closes, or answers what is no HTTP, is told to the judge.
class Connection {
 public:
  Connection(sockaddr_in address, Habits habits, Asker& asker, Judge& judge, int epoll);
  ~Connection() { hang_up(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends and reads what is possible now. `may_ask`: new requests may be sent. False: nothing is under way any more.
  bool serve(bool may_ask);

 private:
  void dial();
  void hang_up();
  void ask();
  void leave();
  bool flush();
  bool receive();
  bool take_answers();

  const sockaddr_in address_;
  const Habits habits_;
  Asker& asker_;
  Judge& judge_;
  const int epoll_;
  int socket_ = -1;
  std::deque<Expectation> asked_;
  std::string out_, in_;
};

}  // namespace slipway::rigs
