#include "adapter/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace slipway::net {
namespace {

constexpr int kBacklog = 4096;
constexpr std::size_t kMostParts = 32;  // of one read
// A peer that is gone without a word is found out after kQuietSeconds + kProbes * kProbeSeconds.
constexpr int kQuietSeconds = 60, kProbeSeconds = 10, kProbes = 6;

std::string reason() {
  return std::generic_category().message(errno);
}

StreamResult result_of_reading(ssize_t count) {
  if (count > 0) return {StreamResult::Outcome::Progress, static_cast<std::size_t>(count)};
  if (count == 0) return {StreamResult::Outcome::Ended};
  return {errno == EAGAIN ? StreamResult::Outcome::WouldBlock : StreamResult::Outcome::Failed};
}

Error cannot_listen(const std::string& address, const std::string& why) {
  return unavailable("cannot listen on " + address + ": " + why);
}

// Of a socket that is bound and will listen; accepted ones inherit it. Nothing else ends a connection whose answer is a
// stream that waits: where its peer lost its power or its route, no byte is ever sent that could fail.
void set_tcp_options(int socket) {
  const auto set = [&](int level, int name, int value) { setsockopt(socket, level, name, &value, sizeof value); };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, kQuietSeconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, kProbeSeconds);
  set(IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, (kQuietSeconds + kProbes * kProbeSeconds) * 1000);
  // Between processes of one machine there is no path whose rate is to be found out. Where the system's choice paces
  // what is sent (BBR), a timer per answer is saved; where the kernel does not have this one, its choice stays.
  static constexpr std::string_view kUnpaced = "reno";
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  const bool is_bound = ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) == 0;
  if (is_bound && is_loopback(reinterpret_cast<const sockaddr&>(bound))) {
    setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, kUnpaced.data(), kUnpaced.size());
  }
}

}  // namespace

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : socket_(std::move(other.socket_)), address_(std::move(other.address_)), unlinks_(std::move(other.unlinks_)) {
  other.unlinks_.clear();
}

ListeningSocket::~ListeningSocket() {
  close();
}

void ListeningSocket::close() {
  socket_.close();
  if (!unlinks_.empty()) ::unlink(std::exchange(unlinks_, {}).c_str());
}

Result<ListeningSocket> ListeningSocket::open(const std::string& address) {
  if (address.starts_with("unix:")) return open_unix(address.substr(5));
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return invalid_input("'" + address + "' is not an address: expected HOST:PORT, [IPv6]:PORT or unix:PATH");
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.empty() ? nullptr : host.c_str(), address.c_str() + colon + 1, &hints, &list);
  if (code != 0) return invalid_input("'" + address + "' is not an address to listen on: " + gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, &freeaddrinfo);

  Descriptor socket(::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return cannot_listen(address, reason());
  const int on = 1;
  setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.fd(), list->ai_addr, list->ai_addrlen) != 0) return cannot_listen(address, reason());
  set_tcp_options(socket.fd());
  if (::listen(socket.fd(), kBacklog) != 0) return cannot_listen(address, reason());
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return cannot_listen(address, reason());
  return ListeningSocket(std::move(socket), name_of(reinterpret_cast<const sockaddr&>(bound)), "");
}

Result<ListeningSocket> ListeningSocket::open_unix(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof where.sun_path) {
    return invalid_input("the path of a UNIX socket has 1 to " + std::to_string(sizeof where.sun_path - 1) +
                         " bytes; found " + std::to_string(path.size()));
  }
  std::memcpy(where.sun_path, path.c_str(), path.size() + 1);
  const auto* address = reinterpret_cast<const sockaddr*>(&where);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return cannot_listen("unix:" + path, reason());
  struct stat found{};
  if (::lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) return cannot_listen("unix:" + path, "a file that is no socket is there");
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    // Nobody answers: a server that was killed left it behind.
    if (::connect(probe.fd(), address, sizeof where) == 0 || errno != ECONNREFUSED) {
      return cannot_listen("unix:" + path, "Address already in use");
    }
    ::unlink(path.c_str());
  }
  if (::bind(socket.fd(), address, sizeof where) != 0) return cannot_listen("unix:" + path, reason());
  // Nobody can connect before listen(), so the mode is set in time.
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.fd(), kBacklog) != 0) {
    const std::string why = reason();
    ::unlink(path.c_str());
    return cannot_listen("unix:" + path, why);
  }
  return ListeningSocket(std::move(socket), "unix:" + path, path);
}

Result<std::string> listening_address(int socket) {
  const auto option = [&](int name) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
  };
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  auto& address = reinterpret_cast<sockaddr&>(bound);
  if (option(SO_TYPE) == SOCK_STREAM && option(SO_ACCEPTCONN) == 1 && ::getsockname(socket, &address, &size) == 0) {
    if (address.sa_family == AF_INET || address.sa_family == AF_INET6) return name_of(address);
    const auto& path = reinterpret_cast<const sockaddr_un&>(bound).sun_path;
    if (address.sa_family == AF_UNIX && path[0] != 0) return "unix:" + std::string(path, ::strnlen(path, sizeof path));
  }
  return invalid_input("descriptor " + std::to_string(socket) +
                       ": expected a listening stream socket of TCP or of a UNIX path");
}

Result<ListeningSocket> ListeningSocket::adopt(Descriptor socket, WhoUnlinks unlinks) {
  std::string address = TRY(listening_address(socket.fd()));
  if (::fcntl(socket.fd(), F_SETFL, O_NONBLOCK) != 0 || ::fcntl(socket.fd(), F_SETFD, FD_CLOEXEC) != 0) {
    return cannot_listen(address, reason());
  }
  if (address.starts_with("unix:")) {
    const std::string path = unlinks == WhoUnlinks::We ? address.substr(5) : "";
    return ListeningSocket(std::move(socket), std::move(address), path);
  }
  set_tcp_options(socket.fd());
  return ListeningSocket(std::move(socket), std::move(address), "");
}

std::string name_of(const sockaddr& address) {
  char host[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &ip.sin_addr, host, sizeof host);
    return std::string(host) + ":" + std::to_string(ntohs(ip.sin_port));
  }
  if (address.sa_family == AF_INET6) {
    const auto& ip = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &ip.sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(ip.sin6_port));
  }
  return "unix";
}

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_UNIX) return true;
  if (address.sa_family == AF_INET) {
    return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 == 127;
  }
  if (address.sa_family != AF_INET6) return false;
  const in6_addr& ip = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&ip) || (IN6_IS_ADDR_V4MAPPED(&ip) && ip.s6_addr[12] == 127);
}

StreamResult SocketStream::read(MutableByteSpan into) {
  for (;;) {
    const ssize_t count = ::recv(fd_, into.data(), into.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    return result_of_reading(count);
  }
}

StreamResult SocketStream::read_parts(std::span<const MutableByteSpan> parts) {
  std::array<iovec, kMostParts> places;
  const std::size_t used = std::min(parts.size(), places.size());  // what is left is read next time
  for (std::size_t i = 0; i < used; ++i) places[i] = {parts[i].data(), parts[i].size()};
  for (;;) {
    const ssize_t count = ::readv(fd_, places.data(), static_cast<int>(used));
    if (count < 0 && errno == EINTR) continue;
    return result_of_reading(count);
  }
}

StreamResult SocketStream::write(ByteSpan bytes) {
  for (;;) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) return {StreamResult::Outcome::Progress, static_cast<std::size_t>(count)};
    if (errno == EINTR) continue;
    return {errno == EAGAIN ? StreamResult::Outcome::WouldBlock : StreamResult::Outcome::Failed};
  }
}

void SocketStream::end_writing() {
  ::shutdown(fd_, SHUT_WR);
}

}  // namespace slipway::net
