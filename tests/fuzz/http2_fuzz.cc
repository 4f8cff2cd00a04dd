// HTTP/2 without sockets: any frames after the preface, whole and cut into pieces, through the session, HPACK, streams
// of every kind of route and the deadlines. Nothing may break, everything held must be given back, and what is sent
// must be frames. The first byte seeds the cuts.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/net/http2_connection.h"
#include "adapter/net/http2_stream.h"
#include "adapter/net/route.h"
#include "adapter/net/station.h"
#include "base/clock.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::string_view kBeginning("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

// One for all runs: each would start a thread.
Log& quiet_log() {
  static Log log({.level = LogLevel::Off});
  return log;
}

class OpenGate final : public Gate {
 public:
  Result<access::Principal> authenticate(std::string_view bearer, bool) const override {
    if (bearer == "bad") return denied("not known");
    return access::Principal{"fuzz", access::Role::Admin, true};
  }
  bool allows(const access::Principal&, access::Permission) const override { return true; }
  bool accepts_host(std::string_view host) const override { return host != "evil"; }
};

class LaterPool final : public ports::WorkerPool {
 public:
  [[nodiscard]] bool submit(ports::Task task) override {
    if (tasks.size() > 2) return false;
    tasks.push_back(std::move(task));
    return true;
  }
  std::vector<ports::Task> tasks;
};

// The peer has sent `input` up to `visible`, and takes `takes` bytes a turn.
class MemoryStream final : public ByteStream {
 public:
  StreamResult read(MutableByteSpan into) override {
    if (at == visible) return {ended ? StreamResult::Outcome::Ended : StreamResult::Outcome::WouldBlock};
    const std::size_t count = std::min(into.size(), visible - at);
    std::memcpy(into.data(), input.data() + at, count);
    at += count;
    return {StreamResult::Outcome::Progress, count};
  }
  StreamResult write(ByteSpan bytes) override {
    const std::size_t count = std::min(takes, bytes.size());
    takes -= count;
    if (count == 0) return {StreamResult::Outcome::WouldBlock};
    output.append(as_text(bytes.first(count)));
    return {StreamResult::Outcome::Progress, count};
  }
  void end_writing() override {}
  std::string input, output;
  std::size_t at = 0, visible = 0, takes = 0;
  bool ended = false;
};

// Echoes; ends with its body, or when its peer leaves.
class Echo final : public StreamListener {
 public:
  explicit Echo(StreamingExchange& exchange) : exchange_(exchange), out_(exchange.open(200, "text/plain")) {
    exchange.listen(*this);
  }
  void begin() {
    if (exchange_.has_whole_body()) return finish();
    exchange_.want_body(300'000);
    exchange_.send();
  }
  void body_grew() noexcept override {
    out_.append(as_text(exchange_.body()));
    exchange_.drop_body(exchange_.body().size() / 2 + exchange_.body().size() % 2);
    if (exchange_.has_whole_body()) return finish();
    exchange_.send();
  }
  void output_drained() noexcept override {}
  void abandoned() noexcept override { delete this; }

 private:
  void finish() {
    exchange_.add_trailer("X-End", "yes");
    exchange_.finish();
    delete this;
  }
  StreamingExchange& exchange_;
  std::string& out_;
};

class Run {
 public:
  template <class Cut>
  void feed(std::string_view bytes, Cut cut) {
    {
      Station station(shared_, 0);
      Http2Connection connection(station);
      MemoryStream stream;
      stream.input = bytes;
      connection.begin(stream, {true, "fuzz"}, as_bytes(kBeginning));
      while (stream.visible < bytes.size() && is_open(connection)) {
        stream.visible += std::min(cut(), bytes.size() - stream.visible);
        stream.takes += 2000;
        settle(station, connection);
      }
      if (bytes.size() % 3 == 0 && is_open(connection)) connection.begin_drain();
      for (int i = 0; i < 20 && is_open(connection); ++i) {
        stream.takes += 100'000;
        station.now += std::chrono::seconds(3);
        station.ring_alarms();
        settle(station, connection);
      }
      stream.ended = true;
      settle(station, connection);
      if (is_open(connection)) connection.close();
      for (Exchange* exchange : std::exchange(later_, {})) exchange->reply(200, "text/plain", "late");
      run_workers(station);
      check(stream.output);
    }
    invariant(shared_.bodies->left() == static_cast<std::int64_t>(mebibytes(4).count),
              "bodies gave back what they drew");
    invariant(shared_.answers.left() == answers_, "answers gave back what they drew");
  }

 private:
  static bool is_open(const Http2Connection& connection) {
    return connection.phase() != Http2Connection::Phase::Closed;
  }
  void settle(Station& station, Http2Connection& connection) {
    for (int turns = 0; turns < 100; ++turns) {
      connection.on_ready(true, true, false);
      station.take_turns();
      for (Exchange* exchange : std::exchange(later_, {})) {
        if (is_open(connection)) exchange->reply(200, "text/plain", as_text(exchange->body()));
      }
      for (Connection* dirty : std::exchange(station.dirty, {})) dirty->flush();
      for (Connection* leaving : std::exchange(station.leaving, {})) leaving->leave_if_unanswered();
      if (!pool_.tasks.empty()) run_workers(station);
      if (!station.has_turns() && station.dirty.empty()) return;
    }
  }
  void run_workers(Station& station) {
    for (ports::Task& task : std::exchange(pool_.tasks, {})) task();
    std::vector<ports::Task> posted;
    station.mailbox->take(posted);
    for (ports::Task& task : posted) task();
  }
  // Frames one after another; the last may be cut short.
  static void check(std::string_view output) {
    while (output.size() >= 9) {
      const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<std::uint8_t>(output[i])); };
      const std::size_t length = at(0) << 16 | at(1) << 8 | at(2);
      invariant(length <= 16'384 && at(3) <= 9, "what is sent are frames within the peer's limits");
      output.remove_prefix(std::min(output.size(), 9 + length));
    }
  }
  RouteTable routes() {
    std::vector<Route> all;
    all.emplace_back(Method::Get, "/", access::Permission::Public, [](Exchange& exchange) {
      exchange.add_header("X-Name", exchange.query("q"));
      exchange.reply(200, "application/json", std::string(3000, 'j'));
    });
    all.emplace_back(
        Method::Post, "/", access::Permission::Public,
        [](Exchange& exchange) { exchange.reply(200, "text/plain", as_text(exchange.body())); }, Bytes{1 << 20});
    // An abandoned exchange stays good until it is answered.
    all.emplace_back(Method::Post, "/l", access::Permission::Public,
                     [this](Exchange& exchange) { later_.push_back(&exchange); });
    all.emplace_back(Method::Post, "/b", access::Permission::Public, BlockingHandler([](BlockingRequest& request) {
                       auto body = request.read_all(mebibytes(1));
                       if (!body) return error_reply(body.error());
                       return Reply{.status = 201, .content_type = "text/plain", .body = *body, .headers = {}};
                     }));
    all.emplace_back(Method::Post, "/s", access::Permission::Public,
                     StreamingHandler{[](StreamingExchange& exchange) { (new Echo(exchange))->begin(); }});
    return RouteTable::build(std::move(all)).value();
  }

  OpenGate gate_;
  ManualClock clock_;
  LaterPool pool_;
  std::vector<Exchange*> later_;
  ServerShared shared_{{routes(), gate_, clock_, pool_, pool_, pool_, quiet_log(), nullptr},
                       {.bodies_in_memory = mebibytes(4)}};
  const std::int64_t answers_ = shared_.answers.left();
};

}  // namespace
}  // namespace slipway::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway::net;
  if (size < 1 || size > (64U << 10)) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  std::uint32_t state = bytes[0];
  Run().feed(input, [] { return std::size_t{1} << 20; });
  Run().feed(input, [&state] {
    state = state * 1664525U + 1013904223U;
    return std::size_t{1} + (state >> 24) % 40;
  });
  return 0;
}
