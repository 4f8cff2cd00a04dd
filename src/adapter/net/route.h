// Route: one line of the one route table. A route cannot be written down without its permission.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "adapter/net/exchange.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "domain/access/permission.h"
#include "ports/content.h"

namespace slipway::net {

inline constexpr Bytes kDefaultBodyLimit = mebibytes(32);

// Inline routes answer from snapshots on the loop and never block.
using InlineHandler = std::function<void(Exchange&)>;

// Which threads a blocking route has: so that a push that comes slowly, or a load that takes long, never holds those
// that a listing or the metrics need.
enum class Work : std::uint8_t {
  Short,  // milliseconds
  Long,   // pushes, verifications, loads; a body over kDefaultBodyLimit is streamed to the handler
};

// A request of a blocking route, on a worker thread. Its body is there as a whole before a worker is asked for, unless
// the route streams: then it is read as it arrives, and the loop stops reading the socket while nobody takes it.
class BlockingRequest {
 public:
  virtual ~BlockingRequest() = default;
  virtual Method method() const = 0;
  virtual std::string_view path() const = 0;
  virtual std::string_view query(std::string_view key) const = 0;
  // All values of a key that may be said more than once, in their order.
  virtual std::vector<std::string_view> queries(std::string_view key) const {
    const std::string_view only = query(key);
    return only.empty() ? std::vector<std::string_view>{} : std::vector<std::string_view>{only};
  }
  virtual std::string_view header(std::string_view lower_name) const = 0;
  virtual std::string_view parameter(std::size_t index) const = 0;
  virtual const access::Principal& principal() const = 0;
  virtual std::string_view request_id() const = 0;
  // Blocks for the next piece; 0 at the end. Cancelled if the peer left, DeadlineExceeded if it stalls, InvalidInput
  // for a body over the route's limit or badly framed.
  virtual Result<std::size_t> read_body(MutableByteSpan into) = 0;
  // The whole rest of the body. InvalidInput above `limit`.
  virtual Result<std::string> read_all(Bytes limit) = 0;
};
struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, std::string>> trailers;  // as Exchange::add_trailer
  // Instead of `body`: sent while it is read, piece by piece, by workers of Work::Long. Let go when the peer leaves.
  std::shared_ptr<ports::Content> content{};
};
Reply error_reply(const Error& error, int status = 0);
using BlockingHandler = std::function<Reply(BlockingRequest&)>;

// Called when the head is there. Like an inline handler it never blocks.
struct StreamingHandler {
  std::function<void(StreamingExchange&)> call;
};
using Handler = std::variant<InlineHandler, BlockingHandler, StreamingHandler>;

struct Route {
  // `pattern`: literal segments and {name} segments, e.g. "/v2/models/{model}/infer". A {name} takes one segment,
  // percent-decoded once; it never matches an empty segment. A last {name...} takes the whole rest of the path.
  Route(Method method_, std::string pattern_, access::Permission permission_, Handler handler_,
        Bytes body_limit_ = kDefaultBodyLimit, Work work_ = Work::Short)
      : method(method_),
        pattern(std::move(pattern_)),
        permission(permission_),
        handler(std::move(handler_)),
        body_limit(body_limit_),
        work(work_) {}

  bool is_blocking() const { return std::holds_alternative<BlockingHandler>(handler); }
  bool is_streaming() const { return std::holds_alternative<StreamingHandler>(handler); }
  bool streams_body() const { return is_blocking() && work == Work::Long && body_limit > kDefaultBodyLimit; }

  Method method;
  std::string pattern;
  access::Permission permission;
  Handler handler;
  Bytes body_limit;
  Work work;
  // What a token may be limited to and the gate cannot tell from the path: the handler looks at the caller's scope
  // itself. Without it, callers so limited are refused.
  bool handler_checks_models = false;
  bool handler_checks_environment = false;

  Route& checks_models() & {
    handler_checks_models = true;
    return *this;
  }
  Route&& checks_models() && { return std::move(checks_models()); }
  ErrorBody error_body = nullptr;  // of an API that tells its errors otherwise than ours; JSON as well
};

// The routes of every protocol adapter, together. Built at start-up, then immutable. GET routes answer HEAD too.
class RouteTable {
 public:
  // InvalidInput: two routes that match the same requests, or a malformed pattern.
  static Result<RouteTable> build(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;              // none: see `allowed`
    std::vector<std::string_view> parameters;  // raw (still encoded) segments
    std::string allowed;                       // "GET, POST" when the path exists with other methods; empty: 404
  };
  // `path` raw, without query. Any thread. Literal segments win over {name}, that over
  // {name...}. The second form reuses `into`.
  Match find(Method method, std::string_view path) const;
  void find(Method method, std::string_view path, Match& into) const;
  const std::vector<Route>& routes() const { return *routes_; }

 private:
  struct Node;
  explicit RouteTable(std::vector<Route> routes);
  std::shared_ptr<const std::vector<Route>> routes_;
  std::shared_ptr<const Node> root_;
};

}  // namespace slipway::net
