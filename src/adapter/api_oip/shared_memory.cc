#include "adapter/api_oip/shared_memory.h"

#include <string>
#include <utility>

#include "adapter/net/error_reply.h"
#include "adapter/net/grpc_call.h"

namespace slipway::api_oip {
namespace {

using access::Permission;
using net::Method;

constexpr std::string_view kShared =
    "shared memory is not supported: the server shares no memory with its clients, which may run in other containers "
    "or on other machines; send tensors in the request itself";
constexpr std::string_view kCuda =
    "CUDA shared memory is not supported: models run on the CPU; send tensors in the request itself";

void add(std::vector<net::Route>& routes, Method method, std::string path, std::string_view why) {
  routes.emplace_back(method, std::move(path), Permission::ReadMetadata,
                      net::InlineHandler([why](net::Exchange& exchange) {
                        net::reply_error(exchange, unimplemented(std::string(why)));
                      }));
}

}  // namespace

void add_shared_memory_refusals(std::vector<net::Route>& routes) {
  for (const auto& [kind, why] : {std::pair("system", kShared), std::pair("cuda", kCuda)}) {
    const std::string head = std::string("/v2/") + kind + "sharedmemory";
    add(routes, Method::Get, head + "/status", why);
    add(routes, Method::Get, head + "/region/{region}/status", why);
    add(routes, Method::Post, head + "/region/{region}/register", why);
    add(routes, Method::Post, head + "/region/{region}/unregister", why);
    add(routes, Method::Post, head + "/unregister", why);
  }
  for (const auto& [kind, text] : {std::pair("System", kShared), std::pair("Cuda", kCuda)}) {
    for (const char* what : {"Status", "Register", "Unregister"}) {
      const std::string path = std::string("/inference.GRPCInferenceService/") + kind + "SharedMemory" + what;
      routes.push_back(net::grpc_route(path, Permission::ReadMetadata, [why = text](ByteSpan) -> Result<std::string> {
        return unimplemented(std::string(why));
      }));
    }
  }
}

}  // namespace slipway::api_oip
