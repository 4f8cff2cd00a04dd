// The streaming methods of health and reflection.
#pragma once

#include <functional>
#include <memory>

#include "adapter/net/grpc_stream.h"
#include "base/clock.h"
#include "ports/loop.h"
#include "ports/predictor.h"

namespace slipway::api_grpc {

// What Watch needs of the server around it.
struct Surroundings {
  const ports::Predictor& predictor;
  std::function<bool()> is_ready;  // the server as a whole; any thread
  std::function<void(std::size_t loop, Duration after, ports::Task task)> run_later;
};

// Health.Watch: the state at once, then each time it is another; looked at every 200 ms. This and the next end
// UNAVAILABLE when the server stops.
std::shared_ptr<net::GrpcStreamMethod> watch_health(const Surroundings& around, net::GrpcStream& stream);

// ServerReflectionInfo: each question is answered as it comes.
std::shared_ptr<net::GrpcStreamMethod> reflect(net::GrpcStream& stream);

}  // namespace slipway::api_grpc
