// Generator: keeps connections to one server busy, on one thread, and counts what comes back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bench/load/expectation.h"
#include "bench/load/histogram.h"
#include "bench/load/schedule.h"
#include "bench/load/wire.h"

namespace slipway::load {

struct Plan {
  Protocol protocol = Protocol::Http1;
  std::string host = "127.0.0.1", unix_path;  // unix_path, when given, instead of host and port
  std::uint16_t port = 0;
  std::size_t connections = 8, streams = 1;  // requests in flight: connections * streams
  Arrivals arrivals = Arrivals::Closed;
  double rate = 0;
  std::uint64_t seed = 1;
  Duration warm_up = std::chrono::milliseconds(500), duration = std::chrono::seconds(5);
  std::vector<int> server_pids;  // their CPU time is read before and after
};

// What came back in the measured time. Latency runs from the time meant for the request (open loop) or from its
// sending (closed loop) to its answer. An answer belongs to the window in which it came.
struct Report {
  struct ByStatus {
    Histogram latency;
  };
  std::map<int, ByStatus> statuses;
  std::uint64_t good = 0;        // 2xx (Grpc: 0) with the expected body
  std::uint64_t mismatched = 0;  // 2xx with another body
  std::uint64_t cut = 0;         // in flight when a connection ended
  std::uint64_t unanswered = 0;  // still open two seconds after the end
  std::uint64_t unsent = 0;      // due, but every slot was taken until the end
  std::uint64_t reconnects = 0;
  Duration took{0};
  double server_cpu_seconds = 0, own_cpu_seconds = 0;
  std::string first_trouble;  // the first failed answer or connection, in words

  std::uint64_t answers() const;
};

// Unavailable: no connection could be made. Blocks for plan.warm_up + plan.duration and at most 2 s more.
Result<Report> generate(const Plan& plan, const Request& request, Expectation expectation);

}  // namespace slipway::load
