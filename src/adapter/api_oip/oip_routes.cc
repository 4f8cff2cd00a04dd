#include "adapter/api_oip/oip_routes.h"

#include <memory>

#include "adapter/api_oip/describe.h"
#include "adapter/api_oip/grpc_methods.h"
#include "adapter/api_oip/infer_call.h"
#include "adapter/api_oip/metadata.h"
#include "adapter/api_oip/repository.h"
#include "adapter/api_oip/shared_memory.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"
#include "domain/access/permission.h"

namespace slipway::api_oip {
namespace {

constexpr Bytes kRepositoryBody = mebibytes(1);

using access::Permission;
using net::Exchange;
using net::Method;
using ports::Numbering;

// Shared by all routes; the pools inside belong to one loop each.
struct Service {
  explicit Service(const OipParts& parts) : predictor(parts.predictor), identity(parts.identity) {
    for (std::size_t i = 0; i < parts.loops; ++i) calls.push_back(std::make_unique<InferCalls>(predictor));
  }
  ports::Predictor& predictor;
  ServerIdentity identity;
  std::vector<std::unique_ptr<InferCalls>> calls;
};

using Describe = Result<std::string> (*)(const ports::Predictor&, const Target&);

Result<Target> target_of(const Exchange& exchange, bool with_version) {
  Target target{exchange.parameter(0), std::nullopt};
  if (!is_valid_utf8(target.model)) {
    return invalid_input("expected a model's name in UTF-8, found \"" + printable(target.model, 60) + "\"");
  }
  if (!with_version) return target;
  target.version = model::parse_version(exchange.parameter(1));
  if (target.version) return target;
  return not_found("model \"" + printable(target.model) + "\": expected a version number from 1, found \"" +
                   printable(exchange.parameter(1), 40) + "\"");
}

void answer(Exchange& exchange, const Result<std::string>& body) {
  if (body) {
    exchange.reply(200, "application/json", *body);
  } else {
    net::reply_error(exchange, body.error());
  }
}

void answer_model_ready(const Service& service, Exchange& exchange, bool with_version) {
  const auto target = target_of(exchange, with_version);
  const auto served = target ? service.predictor.find(target->model, target->version, Numbering::Protocol)
                             : Result<std::shared_ptr<const ports::ServedModel>>(target.error());
  if (!served) {
    net::reply_error(exchange, served.error());
    return;
  }
  std::string body = "{\"name\":";
  append_json_string(body, (*served)->name.text());
  exchange.reply(200, "application/json", body + ",\"ready\":true}");
}

// Both forms of a path below /v2/models/{model}, with and without a version.
template <class Handle>
void add_model_routes(std::vector<net::Route>& routes, Method method, const std::string& tail, Permission permission,
                      const Handle& handle) {
  for (const bool with_version : {false, true}) {
    const std::string head = with_version ? "/v2/models/{model}/versions/{version}" : "/v2/models/{model}";
    routes.emplace_back(method, head + tail, permission, net::InlineHandler([handle, with_version](Exchange& exchange) {
                          handle(exchange, with_version);
                        }));
  }
}

void add_server_routes(std::vector<net::Route>& routes, const std::shared_ptr<Service>& service,
                       const RepositoryControl& repository) {
  const auto add = [&](std::string pattern, Permission permission, net::InlineHandler handler) {
    routes.emplace_back(Method::Get, std::move(pattern), permission, std::move(handler));
  };
  add("/v2", Permission::ReadMetadata, [service](Exchange& exchange) {
    exchange.reply(200, "application/json", server_metadata(service->identity.name, service->identity.version));
  });
  add("/v2/health/live", Permission::Public,
      [](Exchange& exchange) { exchange.reply(200, "application/json", "{\"live\":true}"); });
  add("/v2/health/ready", Permission::Public, [service, &repository](Exchange& exchange) {
    const bool ready = is_server_ready(service->predictor, repository);
    exchange.reply(ready ? 200 : 503, "application/json", ready ? "{\"ready\":true}" : "{\"ready\":false}");
  });
  add("/v2/models", Permission::ReadMetadata, [service](Exchange& exchange) {
    exchange.reply(200, "application/json", model_list(service->predictor.index()));
  });
  add("/v2/models/stats", Permission::ReadMetadata,
      [service](Exchange& exchange) { answer(exchange, describe_statistics(service->predictor, {})); });
}

void add_describing_routes(std::vector<net::Route>& routes, const std::shared_ptr<Service>& service) {
  const auto add = [&](const std::string& tail, Describe describe) {
    add_model_routes(routes, Method::Get, tail, Permission::ReadMetadata,
                     [service, describe](Exchange& exchange, bool with_version) {
                       const auto target = target_of(exchange, with_version);
                       answer(exchange, target ? describe(service->predictor, *target) : target.error());
                     });
  };
  add("", describe_metadata);
  add("/config", describe_config);
  add("/stats", describe_statistics);
  add_model_routes(
      routes, Method::Get, "/ready", Permission::ReadMetadata,
      [service](Exchange& exchange, bool with_version) { answer_model_ready(*service, exchange, with_version); });
}

void add_infer_routes(std::vector<net::Route>& routes, const std::shared_ptr<Service>& service) {
  add_model_routes(routes, Method::Post, "/infer", Permission::Predict,
                   [service](Exchange& exchange, bool with_version) {
                     const auto target = target_of(exchange, with_version);
                     if (!target) return net::reply_error(exchange, target.error());
                     service->calls[exchange.loop_index()]->take().start(exchange, target->model, target->version);
                   });
}

void add_repository_routes(std::vector<net::Route>& routes, RepositoryControl& repository) {
  routes.emplace_back(Method::Post, "/v2/repository/index", Permission::ReadMetadata,
                      net::InlineHandler([&repository](Exchange& exchange) {
                        answer(exchange, repository_index(exchange.body(), repository.index()));
                      }));
  routes.emplace_back(
      Method::Post, "/v2/repository/models/{model}/load", Permission::Deploy,
      net::BlockingHandler([&repository](net::BlockingRequest& request) { return load_model(request, repository); }),
      kLoadLimit, net::Work::Long);
  routes.emplace_back(
      Method::Post, "/v2/repository/models/{model}/unload", Permission::Deploy,
      net::BlockingHandler([&repository](net::BlockingRequest& request) { return unload_model(request, repository); }),
      kRepositoryBody, net::Work::Long);
}

}  // namespace

std::vector<net::Route> oip_routes(const OipParts& parts) {
  const auto service = std::make_shared<Service>(parts);
  std::vector<net::Route> routes;
  add_server_routes(routes, service, parts.repository);
  add_describing_routes(routes, service);
  add_infer_routes(routes, service);
  add_repository_routes(routes, parts.repository);
  add_grpc_methods(routes, parts);
  add_shared_memory_refusals(routes);
  return routes;
}

}  // namespace slipway::api_oip
