// Wire: one connection's protocol as a client speaks it: requests to bytes, bytes to answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace slipway::load {

enum class Protocol : std::uint8_t { Http1, Http2, Grpc };

// The one request that is sent again and again.
struct Request {
  std::string authority;  // "127.0.0.1:8080"
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  // lower-case names
  std::string body;                                          // Grpc: the message, without its five-byte prefix
  bool is_post() const { return !body.empty(); }
};

struct Answer {
  std::uint64_t slot = 0;  // as given to send()
  int status = 0;          // HTTP status; Grpc: 0 for OK, else the gRPC code, 200 + x for HTTP trouble
  std::string_view body;   // valid during the call
};

class AnswerListener {
 public:
  virtual ~AnswerListener() = default;
  virtual void answered(const Answer& answer) = 0;
};

// Owned by its connection; one thread. Errors name what the server sent against the protocol: the connection is then
// of no more use.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void open(std::string& out) = 0;  // what goes first, if anything
  virtual void send(std::uint64_t slot, std::string& out) = 0;
  // `out` takes what the protocol owes the server (acknowledgements, windows).
  virtual Result<void> read(std::string_view bytes, std::string& out, AnswerListener& listener) = 0;
  // False once the server has said that it takes no more requests on this connection.
  virtual bool accepts_requests() const = 0;
};

std::unique_ptr<Wire> make_http1_wire(const Request& request);
std::unique_ptr<Wire> make_http2_wire(const Request& request, Protocol protocol);

}  // namespace slipway::load
