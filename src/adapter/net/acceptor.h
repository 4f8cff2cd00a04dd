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

  // Before the loops start.
  Result<void> listen(const std::string& address);
  std::vector<std::string> addresses() const;

  // The first loop's thread.
  void resume();
  void stop();

 private:
  struct Listener {
    ListeningSocket socket;
    const TlsEndpoint* tls;  // none: plain
  };
  void accept_from(const Listener& listener);
  void pause();
  void place(Descriptor socket, Peer peer);
  void refuse(const Descriptor& socket, const Peer& peer);
  EpollLoop& first() { return *loops_.front(); }

  ServerShared& shared_;
  std::vector<std::unique_ptr<EpollLoop>>& loops_;
  std::vector<Listener> listening_;
  std::size_t turn_ = 0;
  bool is_paused_ = false, is_stopped_ = false;
};

}  // namespace slipway::net
