#include "wire_test.h"

#include <array>
#include <stdexcept>

namespace slipway::wire {

Result<access::Principal> TestGate::authenticate(std::string_view bearer, bool from_loopback) const {
  if (bearer.empty()) return access::Principal{"anonymous", std::nullopt, from_loopback};
  if (bearer == "good") return access::Principal{"root", access::Role::Admin, from_loopback};
  if (bearer == "viewer") return access::Principal{"eve", access::Role::Viewer, from_loopback};
  return denied("the token is not known here");
}

bool TestGate::allows(const access::Principal& principal, access::Permission permission) const {
  return access::is_allowed(principal, permission, access::AnonymousPolicy::LoopbackReads);
}

bool TestGate::accepts_host(std::string_view host) const {
  return host == "x" || host == "localhost" || host.starts_with("127.0.0.1") || host == "[::1]:80";
}

void EndOfTick::end_of_tick(std::size_t loop) {
  std::vector<net::Exchange*> ready;
  std::swap(ready, waiting[loop]);
  for (net::Exchange* exchange : ready) {
    exchange->watch(nullptr);
    exchange->reply(200, "text/plain", as_text(exchange->body()));
  }
}

namespace {

net::Reply drain_body(net::BlockingRequest& request, std::atomic<int>& failures) {
  std::array<std::byte, 10'000> piece;
  std::uint64_t size = 0, sum = 0;
  for (;;) {
    const auto count = request.read_body(piece);
    if (!count) {
      ++failures;
      return net::error_reply(count.error());
    }
    if (*count == 0) break;
    size += *count;
    for (std::size_t i = 0; i < *count; ++i) sum = sum * 31 + static_cast<std::uint64_t>(piece[i]);
  }
  return {.status = 200,
          .content_type = "text/plain",
          .body = std::to_string(size) + " " + std::to_string(sum),
          .headers = {}};
}

}  // namespace

std::vector<net::Route> WireTest::routes() {
  using access::Permission;
  using net::Exchange;
  using net::Method;
  std::vector<net::Route> all;
  const auto echo = [](Exchange& exchange) { exchange.reply(200, "text/plain", as_text(exchange.body())); };
  const auto drain = [this](net::BlockingRequest& request) { return drain_body(request, upload_failures_); };
  all.emplace_back(Method::Get, "/hello", Permission::Public,
                   [](Exchange& exchange) { exchange.reply(200, "text/plain", "hello"); });
  all.emplace_back(Method::Post, "/echo", Permission::Predict, echo);
  all.emplace_back(Method::Post, "/tiny", Permission::Predict, echo, Bytes{10});
  all.emplace_back(Method::Post, "/later", Permission::Predict, [this](Exchange& exchange) {
    exchange.watch(&end_of_tick_);
    end_of_tick_.waiting[exchange.loop_index()].push_back(&exchange);
  });
  all.emplace_back(Method::Post, "/never", Permission::Predict,
                   [this](Exchange& exchange) { exchange.watch(&end_of_tick_); });
  all.emplace_back(Method::Post, "/upload", Permission::Predict, net::BlockingHandler(drain), gibibytes(8),
                   net::Work::Long);
  all.emplace_back(Method::Post, "/small", Permission::Predict, net::BlockingHandler(drain), Bytes{1000});
  all.emplace_back(Method::Post, "/pass", Permission::Predict, net::BlockingHandler([](net::BlockingRequest& request) {
                     auto body = request.read_all(mebibytes(1));
                     if (!body) return net::error_reply(body.error());
                     return net::Reply{.status = 201,
                                       .content_type = "text/plain",
                                       .body = *body,
                                       .headers = {{"X-Path", std::string(request.path())}}};
                   }));
  all.emplace_back(Method::Post, "/unread", Permission::Predict,
                   net::BlockingHandler([](net::BlockingRequest&) { return net::error_reply(conflict("not wanted")); }),
                   gibibytes(8), net::Work::Long);
  all.emplace_back(Method::Get, "/throws", Permission::Public, [](Exchange& exchange) {
    exchange.open(200, "text/plain").append("half an answer");
    throw std::runtime_error("secret detail");
  });
  all.emplace_back(
      Method::Get, "/blocking-throws", Permission::Public,
      net::BlockingHandler([](net::BlockingRequest&) -> net::Reply { throw std::runtime_error("secret"); }));
  all.emplace_back(Method::Get, "/big", Permission::Public, [](Exchange& exchange) {
    exchange.reply(200, "application/octet-stream", std::string(8 << 20, 'b'));
  });
  all.emplace_back(Method::Get, "/text", Permission::Public,
                   [](Exchange& exchange) { exchange.reply(200, "application/json", std::string(10'000, 't')); });
  all.emplace_back(Method::Get, "/long-text", Permission::Public,
                   [](Exchange& exchange) { exchange.reply(200, "application/json", std::string(100'000, 't')); });
  all.emplace_back(Method::Get, "/report", Permission::Public, net::BlockingHandler([](net::BlockingRequest&) {
                     return net::Reply{.status = 200, .body = std::string(100'000, 't'), .headers = {}};
                   }));
  all.emplace_back(Method::Post, "/read-aside", Permission::Predict, [](Exchange& exchange) {
    const auto text = std::make_shared<std::string>();
    exchange.run_aside([text, body = exchange.body()] { *text = as_text(body); },
                       [text, &exchange] { exchange.reply(200, "text/plain", *text); });
  });
  all.emplace_back(Method::Get, "/written-apart", Permission::Public, [](Exchange& exchange) {
    exchange.run_apart([] {}, [&exchange] { exchange.reply(200, "text/plain", std::string(100'000, 't')); });
  });
  all.emplace_back(Method::Get, "/models/{model}/{part}", Permission::Public, [](Exchange& exchange) {
    exchange.reply(200, "text/plain",
                   std::string(exchange.parameter(0)) + "|" + std::string(exchange.parameter(1)) + "|" +
                       std::string(exchange.query("q")) + "|" + std::string(exchange.header("x-extra")));
  });
  all.emplace_back(Method::Get, "/admin", Permission::ManageTokens,
                   [](Exchange& exchange) { exchange.reply(200, "text/plain", exchange.principal().name); });
  return all;
}

void WireTest::start(net::Limits limits, std::size_t loops, worker_pool::Size workers) {
  workers_ = std::make_unique<worker_pool::WorkerPool>(workers, "test", log_);
  long_workers_ = std::make_unique<worker_pool::WorkerPool>(workers, "long", log_);
  auto table = net::RouteTable::build(routes());
  ASSERT_TRUE(table) << table.error().message;
  auto server = net::Server::create(
      {.routes = std::move(table).value(),
       .gate = gate_,
       .clock = clock_,
       .workers = *workers_,
       .long_workers = *long_workers_,
       .body_workers = *workers_,
       .log = log_,
       .access_log =
           [this](const net::AccessRecord& record) {
             access_log_.lock()->push_back(std::string(net::name_of(record.method)) + " " + std::string(record.path) +
                                           " " + std::to_string(record.status) + " " + std::string(record.principal));
           }},
      limits, loops);
  ASSERT_TRUE(server) << server.error().message;
  server_ = std::move(server).value();
  server_->set_tick_listener(end_of_tick_);
  auto listening = server_->listen({"127.0.0.1:0"});
  ASSERT_TRUE(listening) << listening.error().message;
  auto started = server_->start();
  ASSERT_TRUE(started) << started.error().message;
}

void WireTest::stop(Duration allowed) {
  if (server_) server_->stop(allowed);
  if (workers_) workers_->close();
  if (long_workers_) long_workers_->close();
}

std::optional<Answer> WireTest::ask(std::string_view request) {
  RawClient client(address());
  return client.send(request).receive(request.starts_with("HEAD"));
}

int WireTest::status_of(std::string_view request) {
  const auto answer = ask(request);
  return answer ? answer->status : 0;
}

std::string WireTest::post(std::string_view path, std::string_view body, std::string_view more_headers) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more_headers) + "\r\n" + std::string(body);
}

std::string WireTest::get(std::string_view path, std::string_view more_headers) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more_headers) + "\r\n";
}

}  // namespace slipway::wire
