#include "app/network_settings.h"

namespace slipway::app {

namespace {

constexpr std::string_view kTls = "tls:";

}  // namespace

std::vector<std::string> accepted_hosts(const Configuration& configuration) {
  std::vector<std::string> hosts = configuration.hosts;
  for (std::string_view address : configuration.listen) {
    if (address.starts_with(kTls)) address.remove_prefix(kTls.size());
    if (!address.starts_with("unix:")) hosts.emplace_back(address.substr(0, address.rfind(':')));
  }
  return hosts;
}

net::Limits limits_of(const Configuration& configuration) {
  net::Limits limits;
  limits.bodies_in_memory = configuration.body_memory;
  limits.answers_in_memory = configuration.answer_memory;
  limits.connections = configuration.connections;
  limits.connections_per_address = configuration.connections_per_address;
  return limits;
}

std::function<void(const net::AccessRecord&)> access_log(const Configuration& configuration, Log& log,
                                                         api_oip::RequestTraces& traces) {
  const auto write = [&log](std::string_view what, const net::AccessRecord& record) {
    log.info(what, {{"method", net::name_of(record.method)},
                    {"path", record.path},
                    {"status", std::int64_t{record.status}},
                    {"milliseconds", std::chrono::duration<double, std::milli>(record.took).count()},
                    {"bytes_in", static_cast<std::int64_t>(record.bytes_in)},
                    {"bytes_out", static_cast<std::int64_t>(record.bytes_out)},
                    {"principal", record.principal},
                    {"request_id", record.request_id},
                    {"peer", record.peer}});
  };
  return [mode = configuration.access_log, slow = configuration.slow_request, write,
          &traces](const net::AccessRecord& record) {
    if (traces.take(record.path)) write("trace", record);
    const bool notable = record.status >= 400 || record.took >= slow;
    if (mode == AccessLogMode::All || (mode == AccessLogMode::Errors && notable)) write("request", record);
  };
}

}  // namespace slipway::app
