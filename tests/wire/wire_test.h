// WireTest: a running server with a few routes, for tests that speak to it byte by byte.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/error_reply.h"
#include "adapter/net/server.h"
#include "adapter/worker_pool/worker_pool.h"
#include "base/guarded.h"
#include "raw_client.h"

namespace slipway::wire {

// Knows the token "good" (admin) and "viewer"; answers for hosts "localhost", "x" and 127.0.0.1.
class TestGate final : public net::Gate {
 public:
  Result<access::Principal> authenticate(std::string_view bearer, bool from_loopback) const override;
  bool allows(const access::Principal& principal, access::Permission permission) const override;
  bool accepts_host(std::string_view host) const override;
};

// Reads one reason of slipway_http_troubles_total.
class Troubles final : public ports::MetricVisitor {
 public:
  explicit Troubles(std::string_view reason) : reason_(reason) {}
  double count(const ports::MetricSource& source) {
    source.collect(*this);
    return count_;
  }
  void family(std::string_view name, std::string_view, ports::MetricKind) override { family_ = name; }
  void sample(ports::MetricLabels labels, double value) override {
    if (family_ == "slipway_http_troubles_total" && labels[0].value == reason_) count_ = value;
  }
  void histogram(ports::MetricLabels, std::span<const double>, std::span<const std::uint64_t>, double) override {}

 private:
  std::string_view reason_, family_;
  double count_ = 0;
};

// Answers what POST /later gathered, when the tick ends.
class EndOfTick final : public net::TickListener, public net::Abandonment {
 public:
  void end_of_tick(std::size_t loop) override;
  bool has_pending_work(std::size_t) const override { return false; }
  void abandoned() noexcept override { ++abandoned_count; }
  std::vector<net::Exchange*> waiting[4];
  std::vector<net::Exchange*> held;  // POST /never
  std::atomic<int> abandoned_count = 0;
};

// Routes: GET /hello, POST /echo (inline), POST /later (inline, answered at the end of the tick), POST /never (inline,
// never answered), POST /upload (blocking, streamed) and /small (blocking; both answer the body's size and checksum),
// POST /pass (blocking, echoes), POST /unread (blocking, streamed, reads nothing), GET /throws, GET /blocking-throws,
// GET /big, GET /models/{model}/{x}, GET /admin (needs a token), POST /tiny (inline, 10 bytes at most).
class WireTest : public testing::Test {
 protected:
  ~WireTest() override { stop(); }
  void start(net::Limits limits = {}, std::size_t loops = 1, worker_pool::Size workers = {.threads = 2, .queue = 8});
  void stop(Duration allowed = std::chrono::seconds(5));
  std::string address() const { return server_->addresses().front(); }
  // One request on a connection of its own; the answer's status, 0 if none came.
  int status_of(std::string_view request);
  std::optional<Answer> ask(std::string_view request);

  virtual std::vector<net::Route> routes();
  static std::string post(std::string_view path, std::string_view body, std::string_view more_headers = "");
  static std::string get(std::string_view path, std::string_view more_headers = "");

  TestGate gate_;
  SystemClock clock_;
  Log log_{{.level = LogLevel::Off}};
  EndOfTick end_of_tick_;
  std::atomic<int> upload_failures_ = 0;
  std::unique_ptr<worker_pool::WorkerPool> workers_, long_workers_;
  std::unique_ptr<net::Server> server_;
  Guarded<std::vector<std::string>> access_log_;  // "GET /path 200 principal"
};

}  // namespace slipway::wire
