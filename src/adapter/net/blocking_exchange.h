// BlockingExchange: a request of a blocking route, on its worker, apart from the connection it came by.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapter/net/body_buffer.h"
#include "adapter/net/body_pipe.h"
#include "adapter/net/mailbox.h"
#include "adapter/net/route.h"
#include "base/log.h"

namespace slipway::net {

class HttpExchange;

// Copies of what the handler may ask for: the connection may go away at any time.
struct RequestCopy {
  Method method = Method::Other;
  std::string path, request_id;
  std::vector<std::pair<std::string, std::string>> queries, headers;
  std::vector<std::string> parameters;
  access::Principal principal;
};

// Shared by the exchange (loop) and the task (worker). The loop's side: pipe() to write, detach(). The rest belongs
// to the worker's thread. The body is either there as a whole or comes through the pipe.
class BlockingExchange final : public BlockingRequest, public std::enable_shared_from_this<BlockingExchange> {
 public:
  BlockingExchange(RequestCopy request, BodyBuffer body, HttpExchange& owner, std::shared_ptr<Mailbox> mailbox);
  // A body that is streamed. `expected_body`: its size when known and plain, 0 otherwise.
  BlockingExchange(RequestCopy request, std::size_t expected_body, HttpExchange& owner,
                   std::shared_ptr<Mailbox> mailbox);

  BodyPipe& pipe() { return *pipe_; }  // Requires: a body that is streamed
  // The peer is gone, or was answered already: a waiting read_body() fails with `why`, and the reply will be dropped.
  void detach(Error why);
  // On the worker: calls the handler, encodes its reply as the peer asked and posts it. Exceptions are logged and
  // become 500.
  void run(const BlockingHandler& handler, Log& log);

  Method method() const override { return request_.method; }
  std::string_view path() const override { return request_.path; }
  std::string_view query(std::string_view key) const override;
  std::vector<std::string_view> queries(std::string_view key) const override;
  std::string_view header(std::string_view lower_name) const override;
  std::string_view parameter(std::size_t index) const override;
  const access::Principal& principal() const override { return request_.principal; }
  std::string_view request_id() const override { return request_.request_id; }
  Result<std::size_t> read_body(MutableByteSpan into) override;
  Result<std::string> read_all(Bytes limit) override;

 private:
  void ask_for_body();
  void encode(Reply& reply) const;

  const RequestCopy request_;
  const std::shared_ptr<Mailbox> mailbox_;
  HttpExchange* owner_;  // the loop's thread only; none once detached
  std::optional<BodyPipe> pipe_;
  std::optional<BodyBuffer> body_;
  std::size_t body_read_ = 0;
};

}  // namespace slipway::net
