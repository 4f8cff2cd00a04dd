// PrometheusClient: asks a Prometheus server for one number, by libcurl.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace slipway::http_out {
class CurlHandle;
}

namespace slipway::prometheus_query {

// Owned by who asks; ask() on one thread, stop() on any. Keeps its connection between questions. No redirect is
// followed and no proxy of the environment asked: it goes to the servers that the configuration names, and nowhere
// else.
class PrometheusClient {
 public:
  explicit PrometheusClient(Duration patience = std::chrono::seconds(2));
  ~PrometheusClient();

  // GET `server`/api/v1/query. Blocks, for at most the patience. Unavailable says why there is no number.
  Result<double> ask(const std::string& server, const std::string& query);
  void stop() { is_stopped_ = true; }  // what is being asked ends soon

 private:
  const Duration patience_;
  std::atomic<bool> is_stopped_ = false;
  const std::unique_ptr<http_out::CurlHandle> handle_;
};

}  // namespace slipway::prometheus_query
