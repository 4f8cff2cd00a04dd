#include "adapter/api_grpc/grpc_services.h"

#include <memory>
#include <utility>

#include "adapter/api_grpc/health.h"
#include "adapter/net/grpc_call.h"
#include "adapter/net/grpc_stream.h"
#include "domain/access/permission.h"

namespace slipway::api_grpc {

using access::Permission;

std::vector<net::Route> grpc_services(Surroundings given) {
  const auto around = std::make_shared<const Surroundings>(std::move(given));
  std::vector<net::Route> routes;
  routes.push_back(net::grpc_route("/grpc.health.v1.Health/Check", Permission::Public,
                                   [around](ByteSpan message, const net::Exchange& exchange) -> Result<std::string> {
                                     const std::string service = TRY(watched_service(message));
                                     if (is_model(service)) {
                                       TRY(exchange.require(Permission::ReadMetadata));
                                       TRY(exchange.require_model(service));
                                     }
                                     return check_health(around->predictor, around->is_ready, message);
                                   }));
  routes.push_back(net::grpc_route("/grpc.health.v1.Health/List", Permission::ReadMetadata,
                                   [around](ByteSpan) { return list_health(around->predictor, around->is_ready); }));
  routes.push_back(net::grpc_stream_route("/grpc.health.v1.Health/Watch", Permission::Public,
                                          [around](net::GrpcStream& stream) { return watch_health(*around, stream); }));
  for (const char* version : {"v1", "v1alpha"}) {
    routes.push_back(
        net::grpc_stream_route(std::string("/grpc.reflection.") + version + ".ServerReflection/ServerReflectionInfo",
                               Permission::ReadMetadata, [](net::GrpcStream& stream) { return reflect(stream); }));
  }
  return routes;
}

}  // namespace slipway::api_grpc
