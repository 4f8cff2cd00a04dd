// Acceptor: takes connections off the listening sockets and gives each to the loop that holds fewest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/net/epoll_loop.h"
#include "adapter/net/socket.h"
#include "adapter/net/station.h"

namespace slipway::net {

// Runs on the first loop; with few connections the kernel's own spreading (SO_REUSEPORT) would leave loops idle. When
// descriptors run out it pauses instead of spinning, and tries again.
class Acceptor {
 public:
  Acceptor(ServerShared& shared, std::vector<std::unique_ptr<EpollLoop>>& loops) : shared_(shared), loops_(loops) {}

  ~Acceptor();

  // Before the loops start.
  Result<void> listen(Listen where);
  std::vector<std::string> addresses() const;
  std::vector<int> sockets() const;  // in the same order

  // The first loop's thread.
  void resume();
  void stop(Ending ending);

 private:
  struct Listener {
    ListeningSocket socket;
    const TlsEndpoint* tls;  // none: plain
    bool is_adopted;
  };
  void leave_paths(Ending ending);
  void accept_from(const Listener& listener);
  void pause();
  void place(Descriptor socket, Peer peer);
  void refuse(const Descriptor& socket, const Peer& peer);
  EpollLoop& first() { return *loops_.front(); }

  ServerShared& shared_;
  std::vector<std::unique_ptr<EpollLoop>>& loops_;
  std::vector<Listener> listening_;
  std::size_t turn_ = 0;
  bool has_accepted_ = false, is_paused_ = false, is_stopped_ = false;
};

}  // namespace slipway::net
