#include "postgres_relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/invariant.h"

namespace slipway::testing_ground {
namespace {

constexpr const char* kSocket = "/.s.PGSQL.5432";

sockaddr_un address_of(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + kSocket;
  invariant(path.size() < sizeof(address.sun_path), "the path of a socket is short");
  path.copy(address.sun_path, path.size());
  return address;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Whether the bytes end with a simple query that commits. Clients send it in one piece, and wait for its answer.
bool is_commit(std::string_view bytes) {
  return bytes.ends_with(std::string_view("COMMIT\0", 7));
}

}  // namespace

PostgresRelay::PostgresRelay(const std::string& server) : server_(server) {
  invariant(::pipe(end_) == 0, "a pipe can be made");
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(folder_.path());
  invariant(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
                ::listen(listener_, 16) == 0,
            "a socket can be made in a scratch folder");
  accepting_ = std::thread([this] { accept(); });
}

PostgresRelay::~PostgresRelay() {
  ::close(end_[1]);
  accepting_.join();
  ::close(end_[0]);
  ::close(listener_);
}

void PostgresRelay::accept() {
  std::array<pollfd, 2> waiting = {{{listener_, POLLIN, 0}, {end_[0], POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) > 0 && waiting[1].revents == 0) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(server_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      connections_.emplace_back([this, client, server] { pass(client, server); });
      continue;
    }
    ::close(client);
    ::close(server);
  }
  for (std::thread& connection : connections_) connection.join();
}

void PostgresRelay::pass(int client, int server) {
  std::array<pollfd, 3> waiting = {{{client, POLLIN, 0}, {server, POLLIN, 0}, {end_[0], POLLIN, 0}}};
  std::array<char, 65536> bytes;
  while (::poll(waiting.data(), waiting.size(), -1) > 0 && waiting[2].revents == 0) {
    const bool is_of_client = waiting[0].revents != 0;
    const ssize_t got = ::recv(is_of_client ? client : server, bytes.data(), bytes.size(), 0);
    if (got <= 0) break;
    const std::string_view found(bytes.data(), static_cast<std::size_t>(got));
    if (is_of_client && is_commit(found) && loss_ != Loss::None) {
      const Loss loss = loss_.exchange(Loss::None);
      ++lost_;
      // The first byte of its answer comes when it is made.
      if (loss == Loss::AfterTheServerMadeIt && send_all(server, found)) ::recv(server, bytes.data(), 1, 0);
      break;
    }
    if (!send_all(is_of_client ? server : client, found)) break;
  }
  ::close(client);
  ::close(server);
}

}  // namespace slipway::testing_ground
