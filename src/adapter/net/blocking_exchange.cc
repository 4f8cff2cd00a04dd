#include "adapter/net/blocking_exchange.h"

#include <array>
#include <exception>

#include "adapter/net/http_exchange.h"

namespace slipway::net {
namespace {

std::string_view value_of(const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view key) {
  for (const auto& [name, value] : pairs) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace

BlockingExchange::BlockingExchange(RequestCopy request, std::size_t expected_body, HttpExchange& owner,
                                   std::shared_ptr<Mailbox> mailbox)
    : request_(std::move(request)),
      mailbox_(std::move(mailbox)),
      owner_(&owner),
      pipe_(expected_body, [this] { ask_for_body(); }) {}

void BlockingExchange::detach(Error why) {
  owner_ = nullptr;
  pipe_.fail(std::move(why));
}

void BlockingExchange::ask_for_body() {
  mailbox_->post([self = shared_from_this()] {
    if (self->owner_ != nullptr) self->owner_->body_wanted(*self);
  });
}

void BlockingExchange::run(const BlockingHandler& handler, Log& log) {
  Reply reply;
  const auto failed = [&](std::string_view what) {
    log.error("a handler threw", {{"path", path()}, {"request_id", request_id()}, {"what", what}});
    reply = error_reply(internal_error("the server failed at this request; its log says why under the request id"));
  };
  try {
    reply = handler(*this);
  } catch (const std::exception& thrown) {
    failed(thrown.what());
  } catch (...) {
    failed("not a std::exception");
  }
  mailbox_->post([self = shared_from_this(), reply = std::move(reply)]() mutable {
    if (self->owner_ != nullptr) self->owner_->take_reply(*self, std::move(reply));
  });
}

std::string_view BlockingExchange::query(std::string_view key) const {
  return value_of(request_.queries, key);
}
std::string_view BlockingExchange::header(std::string_view lower_name) const {
  return value_of(request_.headers, lower_name);
}
std::string_view BlockingExchange::parameter(std::size_t index) const {
  return index < request_.parameters.size() ? std::string_view(request_.parameters[index]) : std::string_view{};
}

Result<std::string> BlockingExchange::read_all(Bytes limit) {
  std::string body;
  std::array<std::byte, 16 << 10> piece;
  for (;;) {
    const std::size_t count = TRY(read_body(piece));
    if (count == 0) return body;
    if (body.size() + count > limit.count) {
      return invalid_input("the body is larger than the limit of " + to_string(limit));
    }
    body.append(as_text(ByteSpan(piece).first(count)));
  }
}

}  // namespace slipway::net
