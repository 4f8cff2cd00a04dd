// Reaching peers, and being reached.
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "escape/attempt.h"

namespace slipway::escape {
namespace {

sockaddr_in loopback4(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_in6 loopback6(int port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  address.sin6_addr = in6addr_loopback;
  return address;
}

template <class Address>
bool connects(int family, int kind, const Address& address, std::size_t size = sizeof(Address)) {
  const int fd = socket(family, kind, 0);
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)) == 0;
}

bool connects_unix(std::string_view path, std::size_t from) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() + from >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path + from, path.data(), path.size());
  return connects(AF_UNIX, SOCK_STREAM, address, offsetof(sockaddr_un, sun_path) + from + path.size());
}

constexpr Attempt kAttempts[] = {
    {"tcp4", [](const Outside& outside) { return connects(AF_INET, SOCK_STREAM, loopback4(outside.port)); }},
    {"tcp6", [](const Outside& outside) { return connects(AF_INET6, SOCK_STREAM, loopback6(outside.port)); }},
    {"udp4",
     [](const Outside& outside) {
       const auto address = loopback4(outside.port);
       return sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address),
                     sizeof address) == 1;
     }},
    {"unix_socket", [](const Outside& outside) { return connects_unix(outside.unix_socket, 0); }},
    {"abstract_socket", [](const Outside& outside) { return connects_unix(outside.abstract_name, 1); }},
    {"listen",
     [](const Outside&) {
       const auto address = loopback4(0);
       const int fd = socket(AF_INET, SOCK_STREAM, 0);
       return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && listen(fd, 1) == 0;
     }},
    {"name_lookup",
     [](const Outside&) {
       addrinfo* found = nullptr;
       addrinfo wanted{};
       wanted.ai_socktype = SOCK_STREAM;
       return getaddrinfo("localhost", "80", &wanted, &found) == 0;
     }},
    {"netlink", [](const Outside&) { return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0; }},
    {"socket_pair",
     [](const Outside&) {
       int both[2];
       return socketpair(AF_UNIX, SOCK_STREAM, 0, both) == 0;
     }},
};

}  // namespace

std::span<const Attempt> on_the_network() {
  return kAttempts;
}

}  // namespace slipway::escape
