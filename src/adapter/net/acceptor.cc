#include "adapter/net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace slipway::net {
namespace {

constexpr std::string_view kTls = "tls:";
constexpr int kAcceptsPerTurn = 64, kAcceptsBetweenLooks = 8;
constexpr Duration kPause = std::chrono::milliseconds(100);
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    "Content-Length: 79\r\n\r\n"
    "{\"error\":\"the server holds as many connections as it may\",\"code\":\"Overloaded\"}\n";
static_assert(kFull.substr(kFull.find("\r\n\r\n") + 4).size() == 79);

}  // namespace

Acceptor::~Acceptor() {
  leave_paths(Ending::Leave);
}

Result<void> Acceptor::listen(Listen where) {
  const std::string& address = where.address;
  const bool has_tls = address.starts_with(kTls);
  if (has_tls && shared_.parts.tls == nullptr) {
    return invalid_input("cannot listen on " + address + ": the server has no certificate");
  }
  const bool is_adopted = where.socket.fd() >= 0;
  ListeningSocket socket = is_adopted ? TRY(ListeningSocket::adopt(std::move(where.socket), where.unlinks))
                                      : TRY(ListeningSocket::open(has_tls ? address.substr(kTls.size()) : address));
  listening_.push_back({std::move(socket), has_tls ? shared_.parts.tls : nullptr, is_adopted});
  return {};
}

std::vector<std::string> Acceptor::addresses() const {
  std::vector<std::string> all;
  for (const Listener& listener : listening_) {
    all.push_back((listener.tls == nullptr ? "" : std::string(kTls)) + listener.socket.address());
  }
  return all;
}

std::vector<int> Acceptor::sockets() const {
  std::vector<int> all;
  for (const Listener& listener : listening_) all.push_back(listener.socket.fd());
  return all;
}

void Acceptor::resume() {
  if (is_stopped_) return;
  is_paused_ = false;
  has_accepted_ = true;
  for (const Listener& listener : listening_) {
    first().watch_descriptor(listener.socket.fd(), [this, &listener] { accept_from(listener); });
  }
}

void Acceptor::pause() {
  for (const Listener& listener : listening_) first().ignore_descriptor(listener.socket.fd());
}

// The paths of UNIX sockets are another process's: who came after this one, or who was to be followed and was not.
void Acceptor::leave_paths(Ending ending) {
  for (Listener& listener : listening_) {
    if (ending == Ending::HandedOver || (listener.is_adopted && !has_accepted_)) listener.socket.leave_path();
  }
}

void Acceptor::stop(Ending ending) {
  if (std::exchange(is_stopped_, true)) return;
  leave_paths(ending);
  pause();
  for (Listener& listener : listening_) {
    // Who has connected is served; unless they are another process's, which goes on.
    if (ending == Ending::Leave && has_accepted_) accept_from(listener);
    listener.socket.close();
  }
}

void Acceptor::accept_from(const Listener& listener) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    // The kernel tells again of those that wait.
    if (i % kAcceptsBetweenLooks == kAcceptsBetweenLooks - 1 && !is_stopped_ && first().station().is_late()) return;
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto& address = reinterpret_cast<sockaddr&>(storage);
    Descriptor socket(::accept4(listener.socket.fd(), &address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
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
    place(std::move(socket),
          {.is_loopback = is_loopback(address), .name = name_of(address), .key = key_of(address), .tls = listener.tls});
  }
}

void Acceptor::place(Descriptor socket, Peer peer) {
  if (shared_.connections.fetch_add(1, std::memory_order_relaxed) >= shared_.limits.connections) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return refuse(socket, peer);
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

void Acceptor::refuse(const Descriptor& socket, const Peer& peer) {
  first().station().counters.note(Trouble::TooMany);
  if (peer.tls != nullptr) return;  // the sentence would be no TLS
  // Into an empty send buffer: it fits. Nothing was read, so a reset may overtake it; there is no room to linger.
  if (::send(socket.fd(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
    ::shutdown(socket.fd(), SHUT_WR);
}

}  // namespace slipway::net
