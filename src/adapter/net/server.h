// Server: event loops, listeners and connections; every protocol on one port.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/route.h"
#include "adapter/net/socket.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "domain/access/permission.h"
#include "ports/loop.h"
#include "ports/telemetry.h"

namespace slipway::net {

// Limits of reliability-minded defaults; each is told in the error a client gets.
struct Limits {
  Bytes head = kibibytes(32);
  std::size_t header_fields = 100;
  Bytes uri = kibibytes(8);
  Bytes inflated_body = kDefaultBodyLimit;  // after gzip/deflate, and at most 100 : 1 above 1 MiB
  Bytes bodies_in_memory = mebibytes(64);   // of all connections together; exhausted: reading stops, then 503
  Duration body_memory_wait = std::chrono::seconds(5);
  std::size_t chunks = 65'536;
  // Of answers that their peers do not take at once; more: the answer is a 503, or its connection is cut, and who takes
  // an answer too slowly gives way. A budget of its own, so that peers who do not read never take the memory of those
  // who send.
  Bytes answers_in_memory = mebibytes(64);
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 1'000;  // of one IPv4 address or IPv6 /64 that is not loopback; 0: no limit
  Duration head_timeout = std::chrono::seconds(10);
  Duration handshake_timeout = std::chrono::seconds(5);  // of TLS
  Duration idle_timeout = std::chrono::seconds(60);
  Duration write_stall = std::chrono::seconds(30);
  std::uint64_t body_bytes_per_second = 1024;  // the slowest body accepted, after head_timeout
};

struct Listen {
  std::string address;  // "127.0.0.1:8080", "[::1]:0", "unix:/path"; with TLS "tls:" before it
  Descriptor socket{};  // listening already, bound by another process; none: bound here
  WhoUnlinks unlinks = WhoUnlinks::ItsOwner;
};

// Later: connections wait, or are taken by another process with the same sockets, until accept() is called.
enum class Accepting : std::uint8_t { Now, Later };

// Leave: nobody comes after this process. HandedOver: another one accepts on the same sockets.
enum class Ending : std::uint8_t { Leave, HandedOver };

class TlsEndpoint;

// A request that was not let through, for whoever keeps count of such.
struct TurnedAway {
  std::string_view principal;
  Method method;
  std::string_view path;
  const Error& why;
};

// What the server asks about a request before a handler sees it.
class Gate {
 public:
  virtual ~Gate() = default;
  // From "Authorization: Bearer ..." (empty: anonymous). Denied: a token was given and is not good. Never blocks.
  virtual Result<access::Principal> authenticate(std::string_view bearer, bool from_loopback) const = 0;
  virtual bool allows(const access::Principal& principal, access::Permission permission) const = 0;
  // For a peer without a token whose certificate was verified; `names`: "uri:..." and "dns:...". Denied: none of them
  // is known. Never blocks.
  virtual Result<access::Principal> identify(std::span<const std::string> /*names*/, bool /*from_loopback*/) const {
    return denied("no client certificate is known here");
  }
  // False for a Host header that is not ours (DNS rebinding). Asked once per connection and host.
  virtual bool accepts_host(std::string_view host) const = 0;
  // On the loop's thread; never blocks.
  virtual void note(const TurnedAway& /*who*/) const {}
};

// At the end of each tick of a loop, before connections are flushed.
class TickListener {
 public:
  virtual ~TickListener() = default;
  virtual void end_of_tick(std::size_t loop) = 0;
  virtual bool has_pending_work(std::size_t loop) const = 0;  // true: the loop does not sleep
};

// One line of the access log.
struct AccessRecord {
  Method method;
  std::string_view path;
  int status;
  Duration took;
  std::uint64_t bytes_in, bytes_out;
  std::string_view principal, request_id, peer;
};

struct ServerParts {
  RouteTable routes;
  const Gate& gate;
  const Clock& clock;
  ports::WorkerPool& workers;       // blocking routes of Work::Short
  ports::WorkerPool& long_workers;  // those of Work::Long
  ports::WorkerPool& body_workers;  // long bodies, read and written aside: nothing there waits for anything
  Log& log;
  std::function<void(const AccessRecord&)> access_log;  // on the loop's thread; must not block
  const TlsEndpoint* tls = nullptr;                     // for the addresses with TLS
};

// Owned by the application. start() once; then stop accepting, drain, and join by stop().
class Server : public ports::MetricSource {
 public:
  static Result<std::unique_ptr<Server>> create(ServerParts parts, Limits limits, std::size_t loops);
  ~Server() override = default;

  virtual std::size_t loop_count() const = 0;
  virtual ports::Loop& loop(std::size_t index) = 0;
  // Requires: before start().
  virtual void set_tick_listener(TickListener& listener) = 0;
  // Binds and listens. Unavailable names the address and the reason (in use, not permitted). Requires: before start().
  virtual Result<void> listen(Listen where) = 0;
  virtual std::vector<std::string> addresses() const = 0;  // as bound, with real port numbers
  virtual std::vector<int> sockets() const = 0;            // that listen, in the order of listen(); stay the server's
  virtual Result<void> start(Accepting accepting = Accepting::Now) = 0;
  virtual void accept() = 0;  // after start(Accepting::Later)
  // Stops accepting, answers what is in flight, closes idle connections; returns when done or at the deadline. Then
  // joins. HandedOver leaves idle connections of HTTP/1.1 open for half of the time, so that their next request is
  // answered (and is their last) instead of meeting the end of its connection.
  virtual void stop(Duration allowed, Ending ending = Ending::Leave) = 0;
};

}  // namespace slipway::net
