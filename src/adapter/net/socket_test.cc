#include "adapter/net/socket.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace slipway::net {
namespace {

// What a connection accepted from the listener has: {TCP_NODELAY, SO_KEEPALIVE, TCP_KEEPIDLE, ...}.
std::array<int, 6> options_of_accepted(const ListeningSocket& listener) {
  sockaddr_storage where{};
  socklen_t size = sizeof where;
  EXPECT_EQ(::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&where), &size), 0);
  const Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(client.fd(), reinterpret_cast<const sockaddr*>(&where), size), 0);
  const Descriptor accepted(::accept(listener.fd(), nullptr, nullptr));
  EXPECT_GE(accepted.fd(), 0);
  const auto option = [&](int level, int name) {
    int value = 0;
    socklen_t length = sizeof value;
    EXPECT_EQ(::getsockopt(accepted.fd(), level, name, &value, &length), 0);
    return value;
  };
  return {option(IPPROTO_TCP, TCP_NODELAY),   option(SOL_SOCKET, SO_KEEPALIVE), option(IPPROTO_TCP, TCP_KEEPIDLE),
          option(IPPROTO_TCP, TCP_KEEPINTVL), option(IPPROTO_TCP, TCP_KEEPCNT), option(IPPROTO_TCP, TCP_USER_TIMEOUT)};
}

std::string congestion_control_of(int socket) {
  std::array<char, 16> name{};
  socklen_t size = name.size();
  EXPECT_EQ(::getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size), 0);
  return name.data();
}

constexpr std::array kWanted = {1, 1, 60, 10, 6, 120'000};

TEST(ListeningSocket, its_connections_find_out_that_a_peer_is_gone) {
  EXPECT_EQ(options_of_accepted(ListeningSocket::open("127.0.0.1:0").value()), kWanted);
}

TEST(ListeningSocket, so_do_those_of_one_that_another_process_bound) {
  Descriptor bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(bound.fd(), reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  ASSERT_EQ(::listen(bound.fd(), 1), 0);
  EXPECT_EQ(options_of_accepted(ListeningSocket::adopt(std::move(bound), WhoUnlinks::ItsOwner).value()), kWanted);
}

TEST(ListeningSocket, paces_nothing_between_processes_of_one_machine_and_leaves_the_rest_to_the_system) {
  const Descriptor other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(congestion_control_of(ListeningSocket::open("127.0.0.1:0")->fd()), "reno");
  EXPECT_EQ(congestion_control_of(ListeningSocket::open("0.0.0.0:0")->fd()), congestion_control_of(other.fd()));
}

}  // namespace
}  // namespace slipway::net
