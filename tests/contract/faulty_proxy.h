// FaultyProxy: stands before an HTTP server and does to requests and answers what a script says.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/guarded.h"

namespace slipway::testing_ground {

enum class Fault : std::uint8_t {
  None,
  Reset,        // before the server sees the request
  LostAnswer,   // a reset after the server did what was asked
  Error500,     // without asking the server
  SlowDown,     // 503, without asking the server
  Truncated,    // the answer ends in its middle
  ResetMiddle,  // a reset in the answer's middle
  FlippedSent,  // one byte of the content that is sent is another
  FlippedBack,  // one byte of the content that comes back is another
  Silent,       // no answer, until the client goes
  Expired,      // 400, as of an expired session token, without asking the server
  Denied,       // 403, without asking the server
};
inline constexpr int kPassingFaults = 9;  // the first ones: those that another attempt may overcome

// Listens on a free port of the loopback address; one request per connection. Ends with its owner.
class FaultyProxy {
 public:
  // `script`: what happens to the request with this head; any thread.
  using Script = std::function<Fault(const std::string& head)>;
  explicit FaultyProxy(std::string upstream_socket, Script script = [](const std::string&) { return Fault::None; });
  ~FaultyProxy();

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint64_t requests() const { return requests_; }
  std::uint64_t faults() const { return faults_; }  // that happened: where nothing is sent no byte is flipped

 private:
  void accept_all();
  void serve(int client);
  void handle(int client);

  const std::string upstream_;
  const Script script_;
  Descriptor listener_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> requests_{0}, faults_{0};
  std::atomic<bool> ends_{false};
  Guarded<std::set<int>> clients_;
  Guarded<std::vector<std::thread>> threads_;
  std::thread acceptor_;
};

}  // namespace slipway::testing_ground
