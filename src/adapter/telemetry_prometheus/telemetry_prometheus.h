// GET /metrics: every MetricSource of the server as one Prometheus text page, and what the process itself tells.
#pragma once

#include <string>
#include <vector>

#include "adapter/net/route.h"
#include "base/clock.h"
#include "ports/telemetry.h"

namespace slipway::telemetry_prometheus {

// Build, start time, memory, processor time, threads and open files of this process (Linux /proc). Any thread.
class ProcessMetrics final : public ports::MetricSource {
 public:
  ProcessMetrics(const Clock& clock, std::string version, std::string commit);
  void collect(ports::MetricVisitor& visitor) const override;

 private:
  WallTime started_at_;
  std::string version_;
  std::string commit_;
};

// A blocking route: collecting walks every series, which is no work for an event loop. The sources must outlive it.
std::vector<net::Route> routes(std::vector<const ports::MetricSource*> sources);

}  // namespace slipway::telemetry_prometheus
