#include "adapter/net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace slipway::net {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr Duration kPause = std::chrono::milliseconds(100);
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    "Content-Length: 79\r\n\r\n"
    "{\"error\":\"the server holds as many connections as it may\",\"code\":\"Overloaded\"}\n";
static_assert(kFull.substr(kFull.find("\r\n\r\n") + 4).size() == 79);

}  // namespace

Result<void> Acceptor::listen(const std::string& address) {
  listening_.push_back(TRY(ListeningSocket::open(address)));
  return {};
}

std::vector<std::string> Acceptor::addresses() const {
  std::vector<std::string> all;
  for (const ListeningSocket& socket : listening_) all.push_back(socket.address());
  return all;
}

void Acceptor::resume() {
  if (is_stopped_) return;
  is_paused_ = false;
  for (const ListeningSocket& socket : listening_) {
    first().watch_descriptor(socket.fd(), [this, fd = socket.fd()] { accept_from(fd); });
  }
}

void Acceptor::pause() {
  for (const ListeningSocket& socket : listening_) first().ignore_descriptor(socket.fd());
}

void Acceptor::stop() {
  if (std::exchange(is_stopped_, true)) return;
  pause();
  for (const ListeningSocket& socket : listening_) accept_from(socket.fd());  // who has connected is served
  for (ListeningSocket& socket : listening_) socket.close();
}

void Acceptor::accept_from(int fd) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto& address = reinterpret_cast<sockaddr&>(storage);
    Descriptor socket(::accept4(fd, &address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.fd() < 0) {
      if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
      if (errno == EAGAIN || is_stopped_) return;
      shared_.parts.log.warning("cannot accept connections, pausing",
                                {{"reason", std::string_view(std::generic_category().message(errno))}});
      first().station().counters.note(Trouble::NoDescriptors);
      if (std::exchange(is_paused_, true)) return;  // another listener met the same lack in this tick
      pause();
      first().run_at(first().station().now + kPause, [this] { resume(); });
      return;
    }
    place(std::move(socket), {is_loopback(address), name_of(address), key_of(address)});
  }
}

void Acceptor::place(Descriptor socket, Peer peer) {
  if (shared_.connections.fetch_add(1, std::memory_order_relaxed) >= shared_.limits.connections) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return refuse(socket);
  }
  if (!shared_.addresses.enter(peer.key)) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    first().station().counters.note(Trouble::TooManyOfOne);  // closed without a word: it is a flood, or soon one
    return;
  }
  std::size_t best = turn_++ % loops_.size();
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    if (loops_[i]->load.load(std::memory_order_relaxed) < loops_[best]->load.load(std::memory_order_relaxed)) best = i;
  }
  EpollLoop& loop = *loops_[best];
  loop.load.fetch_add(1, std::memory_order_relaxed);
  if (&loop == &first()) return loop.adopt(std::move(socket), std::move(peer));
  auto shared_socket = std::make_shared<Descriptor>(std::move(socket));
  loop.post([&loop, shared_socket, peer = std::move(peer)] { loop.adopt(std::move(*shared_socket), peer); });
}

void Acceptor::refuse(const Descriptor& socket) {
  first().station().counters.note(Trouble::TooMany);
  // Into an empty send buffer: it fits. Nothing was read, so a reset may overtake it; there is no room to linger.
  if (::send(socket.fd(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
    ::shutdown(socket.fd(), SHUT_WR);
}

}  // namespace slipway::net
