#include "adapter/api_grpc/health.h"

#include <proto/health.pb.h>

#include <algorithm>

#include "base/text.h"

namespace slipway::api_grpc {
namespace {

namespace pb = grpc::health::v1;

constexpr std::string_view kProtocol = "inference.GRPCInferenceService";

pb::HealthCheckResponse::ServingStatus status_of(Health health) {
  return static_cast<pb::HealthCheckResponse::ServingStatus>(health);
}

}  // namespace

Health health_of(const ports::Predictor& predictor, const Readiness& is_ready, std::string_view service) {
  if (!is_model(service)) return is_ready() ? Health::Serving : Health::NotServing;
  if (predictor.find(service, std::nullopt)) return Health::Serving;
  const auto states = predictor.index();
  const bool is_known =
      std::ranges::any_of(states, [&](const ports::ServedState& state) { return state.model == service; });
  return is_known ? Health::NotServing : Health::Unknown;
}

bool is_model(std::string_view service) {
  return !service.empty() && service != kProtocol;
}

Result<std::string> watched_service(ByteSpan message) {
  pb::HealthCheckRequest question;
  if (question.ParseFromArray(message.data(), static_cast<int>(message.size()))) return question.service();
  return invalid_input("expected a serialised grpc.health.v1.HealthCheckRequest, found malformed protobuf");
}

std::string health_message(Health health) {
  pb::HealthCheckResponse answer;
  answer.set_status(status_of(health));
  return answer.SerializeAsString();
}

Result<std::string> check_health(const ports::Predictor& predictor, const Readiness& is_ready, ByteSpan message) {
  const std::string service = TRY(watched_service(message));
  const Health health = health_of(predictor, is_ready, service);
  if (health != Health::Unknown) return health_message(health);
  return not_found("expected \"\" for the server, \"" + std::string(kProtocol) + "\" or a model's name, found \"" +
                   printable(service) + "\"");
}

Result<std::string> list_health(const ports::Predictor& predictor, const Readiness& is_ready) {
  pb::HealthListResponse answer;
  auto& statuses = *answer.mutable_statuses();
  for (const std::string_view service : {std::string_view(), kProtocol}) {
    statuses[std::string(service)].set_status(status_of(health_of(predictor, is_ready, service)));
  }
  for (const ports::ServedState& state : predictor.index()) {
    auto& entry = statuses[state.model];
    if (entry.status() != pb::HealthCheckResponse::SERVING) {
      entry.set_status(state.state == ports::ServedState::State::Ready ? pb::HealthCheckResponse::SERVING
                                                                       : pb::HealthCheckResponse::NOT_SERVING);
    }
  }
  return answer.SerializeAsString();
}

}  // namespace slipway::api_grpc
