// HTTP/1.1 without sockets: the same bytes, whole and cut into pieces, must reach the same handlers with the same
// requests, and every answer must be well formed. The first byte seeds the cuts.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/net/http1_connection.h"
#include "adapter/net/route.h"
#include "adapter/net/station.h"
#include "base/clock.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

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

// What the peer has sent so far is `input` up to `visible`.
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
    output.append(as_text(bytes));
    return {StreamResult::Outcome::Progress, bytes.size()};
  }
  void end_writing() override {}
  std::string_view input;
  std::size_t at = 0, visible = 0;
  bool ended = false;
  std::string output;
};

// A body sent back. What is sent back never begins as an answer does, which check() goes by.
std::string echo_of(std::string_view body) {
  return "=" + std::string(body);
}

struct Seen {
  std::vector<std::string> requests;
  std::vector<int> statuses;
};

// One server's life: routes, one connection, the bytes in pieces of the sizes `cut` gives.
class Run {
 public:
  template <class Cut>
  Seen feed(std::string_view bytes, Cut cut) {
    Station station(shared_, 0);
    Http1Connection connection(station);
    MemoryStream stream;
    stream.input = bytes;
    connection.begin(stream, {true, "fuzz"});
    while (stream.visible < bytes.size() && connection.phase() != Http1Connection::Phase::Closed) {
      stream.visible += std::min(cut(), bytes.size() - stream.visible);
      settle(station, connection);
    }
    stream.ended = true;
    settle(station, connection);
    connection.close();
    run_workers(station);
    check(stream.output);
    return std::move(seen_);
  }

 private:
  // Turns until nothing happens any more.
  void settle(Station& station, Http1Connection& connection) {
    do {
      turn(station, connection);
    } while (station.has_turns() || !later_.empty() || run_workers_of(station, connection));
  }
  void turn(Station& station, Http1Connection& connection) {
    connection.on_ready(true, true, false);
    station.take_turns();
    for (Exchange* exchange : std::exchange(later_, {}))
      exchange->reply(200, "text/plain", echo_of(as_text(exchange->body())));
    for (Connection* dirty : std::exchange(station.dirty, {})) dirty->flush();
    for (Connection* leaving : std::exchange(station.leaving, {})) leaving->leave_if_unanswered();
  }
  // A worker would wait for what has not come yet, so it runs once the whole body is in its pipe.
  bool run_workers_of(Station& station, const Http1Connection& connection) {
    if (pool_.tasks.empty() || connection.phase() == Http1Connection::Phase::Body) return false;
    run_workers(station);
    return true;
  }
  void run_workers(Station& station) {
    for (ports::Task& task : std::exchange(pool_.tasks, {})) task();
    std::vector<ports::Task> posted;
    station.mailbox->take(posted);
    for (ports::Task& task : posted) task();
  }
  void note(const Exchange& exchange) {
    seen_.requests.push_back(std::string(name_of(exchange.method())) + " " + std::string(exchange.path()) + " " +
                             std::string(exchange.query("q")) + " " + std::string(as_text(exchange.body())));
    for (std::size_t i = 0; i < exchange.body().size() + kBodyPadding; ++i) {  // the padding must be readable
      padding_ = padding_ +
                 static_cast<std::uint8_t>(exchange.body().data() == nullptr ? std::byte{} : exchange.body().data()[i]);
    }
  }
  void check(std::string_view output);
  RouteTable routes() {
    std::vector<Route> all;
    all.emplace_back(Method::Get, "/g", access::Permission::Public, [this](Exchange& exchange) {
      note(exchange);
      exchange.reply(200, "application/json", std::string(3000, 'j'));
    });
    all.emplace_back(
        Method::Post, "/e/{name}", access::Permission::Public,
        [this](Exchange& exchange) {
          note(exchange);
          exchange.add_header("X-Name", exchange.parameter(0));
          exchange.reply(200, "text/plain", echo_of(as_text(exchange.body())));
        },
        Bytes{1 << 20});
    all.emplace_back(
        Method::Post, "/l", access::Permission::Public,
        [this](Exchange& exchange) {
          note(exchange);
          later_.push_back(&exchange);
        },
        Bytes{100});
    const BlockingHandler blocking = [this](BlockingRequest& request) {
      auto body = request.read_all(mebibytes(1));
      if (!body) return error_reply(body.error());
      seen_.requests.push_back("blocking " + std::string(request.query("q")) + " " + *body);
      return Reply{.status = 201, .content_type = "text/plain", .body = echo_of(*body), .headers = {}};
    };
    all.emplace_back(Method::Post, "/b", access::Permission::Public, blocking);
    all.emplace_back(Method::Post, "/s", access::Permission::Public, blocking, gibibytes(1), Work::Long);  // streamed
    return RouteTable::build(std::move(all)).value();
  }

  OpenGate gate_;
  ManualClock clock_;
  LaterPool pool_;
  Seen seen_;
  std::vector<Exchange*> later_;
  volatile unsigned padding_ = 0;
  ServerShared shared_{{routes(), gate_, clock_, pool_, pool_, pool_, quiet_log(), nullptr},
                       {.bodies_in_memory = mebibytes(4)}};
};

// Every answer has a status line, fields and exactly its Content-Length of content.
void Run::check(std::string_view output) {
  while (!output.empty()) {
    invariant(output.starts_with("HTTP/1.1 "), "an answer begins with its version");
    const int status = std::atoi(output.data() + 9);
    const std::size_t end = output.find("\r\n\r\n");
    invariant(status >= 100 && status < 600 && end != std::string_view::npos, "an answer has a status and a head");
    const std::string_view head = output.substr(0, end + 2);
    for (std::size_t i = 0; i < head.size(); ++i) {
      invariant(head[i] != '\n' || (i > 0 && head[i - 1] == '\r'), "no bare line feed in a head");
    }
    output.remove_prefix(end + 4);
    if (status == 100) continue;
    const std::size_t at = head.find("Content-Length:");
    invariant(at != std::string_view::npos, "an answer has a length");
    const std::size_t length = std::strtoul(head.data() + at + 15, nullptr, 10);
    seen_.statuses.push_back(status);
    // After HEAD no content follows; the next bytes are an answer or nothing.
    if (output.empty() || output.starts_with("HTTP/1.1 ")) continue;
    invariant(output.size() >= length, "an answer is as long as it says");
    output.remove_prefix(length);
  }
}

void require_same(const Seen& whole, const Seen& cut) {
  invariant(whole.requests == cut.requests, "cutting the input changed what handlers saw");
  invariant(whole.statuses.size() == cut.statuses.size(), "cutting the input changed the number of answers");
  for (std::size_t i = 0; i < whole.statuses.size(); ++i) {
    const bool both_refused =
        whole.statuses[i] >= 400 && cut.statuses[i] >= 400;  // which fault is seen first may differ
    invariant(whole.statuses[i] == cut.statuses[i] || both_refused, "cutting the input changed an answer");
  }
}

}  // namespace
}  // namespace slipway::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway::net;
  if (size < 1 || size > (64U << 10)) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  std::uint32_t state = bytes[0];
  const Seen whole = Run().feed(input, [] { return std::size_t{1} << 20; });
  const Seen cut = Run().feed(input, [&state] {
    state = state * 1664525U + 1013904223U;
    return std::size_t{1} + (state >> 24) % 40;
  });
  require_same(whole, cut);
  if (size < 2000) require_same(whole, Run().feed(input, [] { return std::size_t{1}; }));
  return 0;
}
