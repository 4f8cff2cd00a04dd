// HttpClient: requests to one Slipway server over TCP or a UNIX socket. The only file that knows libcurl.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::cli {

// Bytes of a request body, made as they are sent.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Fills `into` as far as it can; 0 at the end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  // The exact size of the whole body, or none when it is known only at the end.
  virtual std::optional<std::uint64_t> size() const = 0;
};

struct HttpRequest {
  std::string method = "GET";
  std::string path;  // percent-encoded, with the query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;              // sent when `source` is null and the method is not GET
  BodySource* source = nullptr;  // borrowed
  std::function<void()> tick;    // called now and then while waiting
  // Takes the body of an answer of 2xx piece by piece, instead of the answer; its failure ends the request.
  std::function<Result<void>(std::string_view)> sink = {};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::uint32_t retry_after = 0;  // seconds; 0: not said
};

// Where a server listens: "http://host:port", "host:port" or "unix:/path".
struct Endpoint {
  static Result<Endpoint> parse(std::string_view url);  // InvalidInput
  std::string base;                                     // "http://127.0.0.1:8080"
  std::string socket;                                   // path of the UNIX socket; empty for TCP
  std::string shown;                                    // as the user said it
  bool is_local() const;                                // loopback or UNIX socket
};

// One thread; blocks. Keeps its connection between requests.
class HttpClient {
 public:
  // `authorities`: a file with the certificates (PEM) that a server's may be signed by; empty: the system's.
  explicit HttpClient(Endpoint endpoint, std::string authorities = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any complete answer is Ok, whatever its status. Unavailable: there was no connection or it broke off; what a
  // BodySource or a sink fails with is passed on.
  Result<HttpAnswer> send(const HttpRequest& request);
  // Whether the last request may have reached the server although no answer came.
  bool is_in_doubt() const;

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

// For one segment of a path or one value of a query.
std::string percent_encode(std::string_view text);

}  // namespace slipway::cli
