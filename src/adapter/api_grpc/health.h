// gRPC's health checking: what state a service is in. Services are the server itself (""), the protocol by its name,
// and each model by its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "ports/predictor.h"

namespace slipway::api_grpc {

enum class Health : std::uint8_t { Serving = 1, NotServing = 2, Unknown = 3 };  // the numbers of ServingStatus

using Readiness = std::function<bool()>;  // of the server as a whole

// NotServing: a model that is known, and not ready to answer; the server before it is ready.
Health health_of(const ports::Predictor& predictor, const Readiness& is_ready, std::string_view service);

// Anyone may ask for the server's state, as over HTTP; a model's tells that there is such a model.
bool is_model(std::string_view service);

// The methods, from message to message. Check: NotFound for a service nobody knows.
Result<std::string> check_health(const ports::Predictor& predictor, const Readiness& is_ready, ByteSpan message);
Result<std::string> list_health(const ports::Predictor& predictor, const Readiness& is_ready);

// For Watch, which tells of unknown services too: the service asked for, and an answer.
Result<std::string> watched_service(ByteSpan message);
std::string health_message(Health health);

}  // namespace slipway::api_grpc
