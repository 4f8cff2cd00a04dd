// Once: a request that carries an Idempotency-Key is applied once, however often it is sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapter/api_admin/answer.h"
#include "ports/registry_records.h"

namespace slipway::api_admin {

// A request with a key, its body read. author_of() takes its mark, which the registry writes with the change. Lives on
// the handler's stack.
class OnceRequest final : public net::BlockingRequest {
 public:
  // The body is taken from `inner`, unless the route streams it.
  OnceRequest(net::BlockingRequest& inner, std::optional<std::string> body, ports::IdempotencyRecord mark)
      : inner_(inner), body_(std::move(body)), mark_(std::move(mark)) {}

  const ports::IdempotencyRecord& mark() const { return mark_; }

  net::Method method() const override { return inner_.method(); }
  std::string_view path() const override { return inner_.path(); }
  std::string_view query(std::string_view key) const override { return inner_.query(key); }
  std::vector<std::string_view> queries(std::string_view key) const override { return inner_.queries(key); }
  std::string_view header(std::string_view lower_name) const override { return inner_.header(lower_name); }
  std::string_view parameter(std::size_t index) const override { return inner_.parameter(index); }
  const access::Principal& principal() const override { return inner_.principal(); }
  std::string_view request_id() const override { return inner_.request_id(); }
  Result<std::size_t> read_body(MutableByteSpan into) override;
  Result<std::string> read_all(Bytes limit) override;

 private:
  net::BlockingRequest& inner_;
  std::optional<std::string> body_;
  const ports::IdempotencyRecord mark_;
  std::size_t read_ = 0;
};

// The answer to `request`, or the one that was given to the same request before. Without the header it is `answer`'s.
net::Reply answer_once(Desk& desk, net::BlockingRequest& request, Answer answer, Bytes body_limit, net::Work work);

// The error of a route as its reply.
net::Reply failure(const Error& error);

}  // namespace slipway::api_admin
