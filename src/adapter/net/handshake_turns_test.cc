// Many TLS handshakes at once, over real sockets: a tick takes a few of them, and all of them are done in the end.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <latch>

#include "adapter/net/open_gate.h"
#include "adapter/net/server.h"
#include "adapter/net/station.h"
#include "adapter/net/tls_authority.h"
#include "adapter/net/tls_endpoint.h"

namespace slipway::net {
namespace {

constexpr int kClients = 32;

class NoWorkers final : public ports::WorkerPool {
 public:
  bool submit(ports::Task) override { return false; }
};

class TickCount final : public TickListener {
 public:
  void end_of_tick(std::size_t) override { count.fetch_add(1); }
  bool has_pending_work(std::size_t) const override { return false; }
  std::atomic<int> count{0};
};

// One TLS client on a blocking socket.
class Client {
 public:
  Client(SSL_CTX* context, std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)), ssl_(SSL_new(context)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    SSL_set_bio(ssl_, in_ = BIO_new(BIO_s_mem()), out_ = BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
  }
  ~Client() { SSL_free(ssl_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool is_connected() const { return is_connected_; }
  void say() {
    SSL_do_handshake(ssl_);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out_, &bytes);
    static_cast<void>(::send(socket_.fd(), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL));
    BIO_reset(out_);
  }
  // Blocks until the handshake is done; false if the server ends it.
  bool finish() {
    while (SSL_is_init_finished(ssl_) != 1) {
      std::array<char, 16 << 10> bytes;
      const ssize_t count = ::recv(socket_.fd(), bytes.data(), bytes.size(), 0);
      if (count <= 0) return false;
      BIO_write(in_, bytes.data(), static_cast<int>(count));
      say();
    }
    return true;
  }

 private:
  Descriptor socket_;
  SSL* ssl_;
  BIO *in_ = nullptr, *out_ = nullptr;
  bool is_connected_ = false;
};

class HandshakeTurns : public testing::Test {
 protected:
  HandshakeTurns() {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-turns-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto own = ensure_own_certificate(folder_ + "/tls", {"127.0.0.1"}).value();
    endpoint_ = TlsEndpoint::open({.files = own.files}, clock_.now(), log_).value();
    std::vector<Route> routes;
    routes.emplace_back(Method::Get, "/", access::Permission::Public,
                        InlineHandler([](Exchange& exchange) { exchange.reply(200, "text/plain", "here"); }));
    server_ = Server::create({.routes = RouteTable::build(std::move(routes)).value(),
                              .gate = gate_,
                              .clock = clock_,
                              .workers = workers_,
                              .long_workers = workers_,
                              .body_workers = workers_,
                              .log = log_,
                              .access_log = [](const AccessRecord&) {},
                              .tls = endpoint_.get()},
                             {.handshake_timeout = std::chrono::minutes(5)}, 1)
                  .value();
    server_->set_tick_listener(ticks_);
    EXPECT_TRUE(server_->listen({"tls:127.0.0.1:0"}).ok());
    EXPECT_TRUE(server_->start().ok());
    const std::string address = server_->addresses().front();
    port_ = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  ~HandshakeTurns() override {
    server_->stop(Duration{0});
    SSL_CTX_free(context_);
    std::filesystem::remove_all(folder_);
  }

  SystemClock clock_;
  Log log_{{.level = LogLevel::Off}};
  OpenGate gate_;
  NoWorkers workers_;
  TickCount ticks_;
  std::string folder_;
  std::unique_ptr<TlsEndpoint> endpoint_;
  std::unique_ptr<Server> server_;
  SSL_CTX* context_ = SSL_CTX_new(TLS_client_method());
  std::uint16_t port_ = 0;
};

TEST_F(HandshakeTurns, a_flood_of_handshakes_is_spread_over_ticks_and_done) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<Client>(context_, port_));
    ASSERT_TRUE(clients.back()->is_connected());
  }
  std::latch is_held(1), go_on(1);
  server_->loop(0).post([&] {
    is_held.count_down();
    go_on.wait();
  });
  is_held.wait();
  for (const auto& client : clients) client->say();  // all of them lie before the loop when it goes on
  const int before = ticks_.count;
  go_on.count_down();
  for (const auto& client : clients) EXPECT_TRUE(client->finish());
  EXPECT_GE(ticks_.count - before, kClients / Station::kHandshakeSteps - 1);
}

}  // namespace
}  // namespace slipway::net
