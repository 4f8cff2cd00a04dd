#include "adapter/net/blocking_exchange.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>

#include "adapter/net/content_coding.h"
#include "adapter/net/http_exchange.h"

namespace slipway::net {
namespace {

constexpr std::size_t kMostEncoded = 16 << 20;  // of a reply; longer ones would hold the worker for long

std::string_view value_of(const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view key) {
  for (const auto& [name, value] : pairs) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace

BlockingExchange::BlockingExchange(RequestCopy request, BodyBuffer body, HttpExchange& owner,
                                   std::shared_ptr<Mailbox> mailbox)
    : request_(std::move(request)), mailbox_(std::move(mailbox)), owner_(&owner), body_(std::move(body)) {}

BlockingExchange::BlockingExchange(RequestCopy request, std::size_t expected_body, HttpExchange& owner,
                                   std::shared_ptr<Mailbox> mailbox)
    : request_(std::move(request)), mailbox_(std::move(mailbox)), owner_(&owner) {
  pipe_.emplace(expected_body, [this] { ask_for_body(); });
}

void BlockingExchange::detach(Error why) {
  owner_ = nullptr;
  if (pipe_) pipe_->fail(std::move(why));
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
  body_.reset();
  encode(reply);
  mailbox_->post([self = shared_from_this(), reply = std::move(reply)]() mutable {
    if (self->owner_ != nullptr) self->owner_->take_reply(*self, std::move(reply));
  });
}

// Here and not on the loop, which it would hold up.
void BlockingExchange::encode(Reply& reply) const {
  const std::string_view accepts = header("accept-encoding");
  const std::size_t size = reply.body.size();
  if (accepts.empty() || size < kWorthEncoding || size > kMostEncoded || !is_textual(reply.content_type)) return;
  const Coding coding = choose_coding(accepts);
  if (coding == Coding::Identity) return;
  auto encoded = deflate_all(coding, reply.body);
  if (!encoded) return;
  reply.body = *std::move(encoded);
  reply.headers.emplace_back("Vary", "Accept-Encoding");
  reply.headers.emplace_back("Content-Encoding", name_of(coding));
}

Result<std::size_t> BlockingExchange::read_body(MutableByteSpan into) {
  if (pipe_) return pipe_->read(into);
  const ByteSpan left = body_->padded().subspan(body_read_);
  const std::size_t count = std::min(into.size(), left.size());
  if (count != 0) std::memcpy(into.data(), left.data(), count);
  body_read_ += count;
  return count;
}

std::string_view BlockingExchange::query(std::string_view key) const {
  return value_of(request_.queries, key);
}
std::vector<std::string_view> BlockingExchange::queries(std::string_view key) const {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : request_.queries) {
    if (name == key) values.emplace_back(value);
  }
  return values;
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
