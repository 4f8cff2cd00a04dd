// Which loop carries the same HTTP/1.1 connection cheaper: ours on epoll, or Boost.Asio (bounded poll, then flush)?
// loop_bench epoll|asio PORT answers every POST with the constant of the nginx yardstick until it is killed.
#include <boost/asio.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>

#include "adapter/net/http1_connection.h"
#include "adapter/net/open_gate.h"
#include "adapter/net/server.h"
#include "adapter/net/station.h"

namespace {

namespace asio = boost::asio;
using namespace slipway;

constexpr std::string_view kAnswer =
    R"({"model_name":"tiny","model_version":"1","outputs":[{"name":"probabilities","datatype":"FP32","shape":[1,2],"data":[0.9999999,1.3e-10]}]})";

class NoWorkers final : public ports::WorkerPool {
 public:
  [[nodiscard]] bool submit(ports::Task) override { return false; }
};

// The least a lane does: it gathers in the tick and answers at its end.
class Gatherer final : public net::TickListener {
 public:
  void gather(net::Exchange& exchange) { waiting_.push_back(&exchange); }
  void end_of_tick(std::size_t) override {
    for (net::Exchange* exchange : waiting_) exchange->reply(200, "application/json", kAnswer);
    waiting_.clear();
  }
  bool has_pending_work(std::size_t) const override { return false; }

 private:
  std::vector<net::Exchange*> waiting_;
};

class AsioStream final : public net::ByteStream {
 public:
  explicit AsioStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) { socket_.non_blocking(true); }
  asio::ip::tcp::socket& socket() { return socket_; }
  net::StreamResult read(MutableByteSpan into) override {
    boost::system::error_code code;
    const std::size_t count = socket_.read_some(asio::buffer(into.data(), into.size()), code);
    return result(code, count);
  }
  net::StreamResult write(ByteSpan bytes) override {
    boost::system::error_code code;
    const std::size_t count = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), code);
    return result(code, count);
  }
  void end_writing() override {}

 private:
  static net::StreamResult result(const boost::system::error_code& code, std::size_t count) {
    using Outcome = net::StreamResult::Outcome;
    if (!code) return {Outcome::Progress, count};
    if (code == asio::error::would_block) return {Outcome::WouldBlock};
    return {code == asio::error::eof ? Outcome::Ended : Outcome::Failed};
  }
  asio::ip::tcp::socket socket_;
};

struct AsioPeer : std::enable_shared_from_this<AsioPeer> {
  AsioPeer(net::Station& station, asio::ip::tcp::socket socket) : stream(std::move(socket)), connection(station) {}
  void wait() {
    stream.socket().async_wait(asio::ip::tcp::socket::wait_read,
                               [self = shared_from_this()](const boost::system::error_code& code) {
                                 if (code) return;
                                 self->connection.on_ready(true, true, false);
                                 if (self->connection.phase() != net::Http1Connection::Phase::Closed) self->wait();
                               });
  }
  AsioStream stream;
  net::Http1Connection connection;
};

class AsioServer {
 public:
  AsioServer(net::ServerShared& shared, Gatherer& gatherer, unsigned short port)
      : station_(shared, 0), gatherer_(gatherer), acceptor_(io_, {asio::ip::make_address("127.0.0.1"), port}) {}

  void run() {
    accept();
    for (;;) {
      io_.run_one();
      station_.now = station_.shared.parts.clock.now();
      for (int polled = 0; polled < 512 && io_.poll_one() != 0; ++polled) {
      }
      gatherer_.end_of_tick(0);
      for (net::Connection* dirty : station_.dirty) dirty->flush();
      station_.dirty.clear();
      station_.resumed.clear();
      station_.crowd.clear();
    }
  }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& code, asio::ip::tcp::socket socket) {
      if (!code) {
        socket.set_option(asio::ip::tcp::no_delay(true));
        peers_.push_back(std::make_shared<AsioPeer>(station_, std::move(socket)));
        peers_.back()->connection.begin(peers_.back()->stream, {true, "bench"});
        peers_.back()->wait();
      }
      accept();
    });
  }
  asio::io_context io_{1};
  net::Station station_;
  Gatherer& gatherer_;
  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<AsioPeer>> peers_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: loop_bench epoll|asio PORT\n");
    return 2;
  }
  Gatherer gatherer;
  net::OpenGate gate;
  NoWorkers workers;
  SystemClock clock;
  Log log({.level = LogLevel::Warning});
  std::vector<net::Route> routes;
  routes.emplace_back(net::Method::Post, "/v2/models/{model}/infer", access::Permission::Predict,
                      [&gatherer](net::Exchange& exchange) { gatherer.gather(exchange); });
  net::ServerParts parts{
      net::RouteTable::build(std::move(routes)).value(), gate, clock, workers, workers, workers, log, nullptr};
  if (std::string_view(argv[1]) == "asio") {
    net::ServerShared shared(std::move(parts), {});
    AsioServer(shared, gatherer, static_cast<unsigned short>(std::atoi(argv[2]))).run();
    return 0;
  }
  auto server = net::Server::create(std::move(parts), {}, 1);
  server.value()->set_tick_listener(gatherer);
  const auto listening = server.value()->listen({"127.0.0.1:" + std::string(argv[2])});
  if (!listening || !server.value()->start()) return 1;
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}
