#include "adapter/net/counters.h"

namespace slipway::net {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Trouble::Count)> kTroubleNames = {
    "malformed", "too_large",        "wrong_host",    "no_route",      "not_allowed", "encoding",
    "slow_peer", "write_stall",      "peer_left",     "body_memory",   "overloaded",  "handler_exception",
    "flood",     "connection_limit", "address_limit", "answer_memory", "descriptors"};
constexpr std::array<std::string_view, 6> kClasses = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};

template <class Pick>
double sum(const std::vector<const Counters*>& loops, Pick pick) {
  std::uint64_t total = 0;
  for (const Counters* counters : loops) total += pick(*counters).value();
  return static_cast<double>(total);
}

}  // namespace

std::string_view name_of(Trouble trouble) {
  return kTroubleNames[static_cast<std::size_t>(trouble)];
}

void collect(const std::vector<const Counters*>& loops, ports::MetricVisitor& visitor) {
  using enum ports::MetricKind;
  visitor.family("slipway_http_connections_accepted_total", "Connections accepted.", Counter);
  visitor.sample({}, sum(loops, [](const Counters& c) -> auto& { return c.accepted; }));
  visitor.family("slipway_http_connections", "Connections open now.", Gauge);
  visitor.sample({}, sum(loops, [](const Counters& c) -> auto& { return c.open; }));
  visitor.family("slipway_http_received_bytes_total", "Bytes read from peers.", Counter);
  visitor.sample({}, sum(loops, [](const Counters& c) -> auto& { return c.bytes_in; }));
  visitor.family("slipway_http_sent_bytes_total", "Bytes written to peers.", Counter);
  visitor.sample({}, sum(loops, [](const Counters& c) -> auto& { return c.bytes_out; }));
  visitor.family("slipway_loop_ticks_total", "Turns of the event loops.", Counter);
  visitor.sample({}, sum(loops, [](const Counters& c) -> auto& { return c.ticks; }));
  visitor.family("slipway_http_requests_total", "Requests answered, by class of status.", Counter);
  for (std::size_t i = 1; i < kClasses.size(); ++i) {
    const std::array labels = {ports::MetricLabel{"status", kClasses[i]}};
    visitor.sample(labels, sum(loops, [i](const Counters& c) -> auto& { return c.answers[i]; }));
  }
  visitor.family("slipway_http_troubles_total", "Requests and connections that ended badly, by reason.", Counter);
  for (std::size_t i = 0; i < kTroubleNames.size(); ++i) {
    const std::array labels = {ports::MetricLabel{"reason", kTroubleNames[i]}};
    visitor.sample(labels, sum(loops, [i](const Counters& c) -> auto& { return c.troubles[i]; }));
  }
}

}  // namespace slipway::net
