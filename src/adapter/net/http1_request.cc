// Http1Connection, from a complete head to the handler: admission, the body, dispatch.
#include <algorithm>
#include <cstring>
#include <exception>
#include <limits>
#include <utility>

#include "adapter/net/characters.h"
#include "adapter/net/error_reply.h"
#include "adapter/net/http1_connection.h"
#include "adapter/net/target.h"

namespace slipway::net {
namespace {

constexpr std::size_t kDecodeRoom = 4 << 10;       // input space kept behind a head whose body is decoded
constexpr std::uint64_t kWorthReading = 64 << 10;  // a longer unwanted body ends the connection instead

bool is_good_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// The token of "Bearer TOKEN"; nullopt for another scheme.
std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() ||
      !equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return std::nullopt;
  }
  return trimmed(authorization.substr(kScheme.size()));
}

Error refusal_error(const Refusal& refusal) {
  const ErrorCode code = refusal.status == 408   ? ErrorCode::DeadlineExceeded
                         : refusal.status == 505 ? ErrorCode::Unimplemented
                                                 : ErrorCode::InvalidInput;
  return {code, std::string(refusal.why)};
}

ChunkLimits chunk_limits(const Limits& limits) {
  return {.chunks = limits.chunks, .trailer_fields = limits.header_fields};
}

}  // namespace

// True: go on with what is in the buffer, in whatever phase the connection is now.
bool Http1Connection::begin_request() {
  const RequestHead& head = parser_.head();
  cursor_ = begin_ + parser_.head_size();
  const bool has_body = head.is_chunked || head.content_length.value_or(0) != 0;
  if (has_body && !(head.content_length && *head.content_length <= size_ - cursor_)) {
    // From here on the head must stay where it is: room for what follows is made now.
    const std::size_t wanted = parser_.head_size() + kDecodeRoom;
    if (begin_ != 0 || in_.capacity < wanted) make_room(wanted);
    cursor_ = begin_ + parser_.head_size();
  }
  answered_ = false;
  discarded_ = 0;
  body_reader_.reset();  // what it counted was another request's body
  body_complete_ = !has_body;
  owes_continue_ = has_body && head.expects_continue;
  keeps_alive_ = head.keeps_alive && !station_.is_draining;
  received_at_ = body_since_ = station_.now;
  body_received_ = size_ - cursor_;
  starved_for_ = Duration{0};
  principal_ = {};
  take_request_id();
  Coding coding = Coding::Identity;
  if (!admit(coding)) return true;
  if (std::holds_alternative<BlockingHandler>(match_.route->handler)) {
    start_blocking(coding);
  } else if (has_body) {
    begin_body(coding);
  } else {
    dispatch();
  }
  return true;
}

void Http1Connection::take_request_id() {
  const std::string_view given =
      in_.capacity == 0 ? std::string_view{} : parser_.head().value(KnownField::RequestId, request_bytes());
  if (is_good_request_id(given)) {
    std::memcpy(request_id_.data(), given.data(), given.size());
    request_id_size_ = given.size();
  } else {
    station_.request_ids.write_next(request_id_.data());
    request_id_size_ = RequestIds::kSize;
  }
}

// Everything that is decided on the head alone. False: answered already.
bool Http1Connection::admit(Coding& coding) {
  const RequestHead& head = parser_.head();
  const ServerShared& shared = station_.shared;
  const std::string_view host = head.value(KnownField::Host, request_bytes());
  if (head.has(KnownField::Host) && host != peer_.accepted_host) {
    if (!shared.parts.gate.accepts_host(host)) {
      answer_early(denied("the Host '" + std::string(host.substr(0, 255)) + "' is not one this server answers for"),
                   403, Trouble::WrongHost);
      return false;
    }
    peer_.accepted_host = host;
  }
  const std::string_view path = head.path.in(request_bytes());
  shared.parts.routes.find(head.method, path, match_);
  decode_target();
  if (match_.route == nullptr) {
    if (match_.allowed.empty()) {
      answer_early(not_found("there is nothing at " + std::string(this->path().substr(0, 255))), 404, Trouble::NoRoute);
    } else {
      add_header("Allow", match_.allowed);
      answer_early(invalid_input("this path answers " + match_.allowed + " only"), 405, Trouble::NoRoute);
    }
    return false;
  }
  if (!authorize()) return false;
  const auto given = parse_content_coding(head.value(KnownField::ContentEncoding, request_bytes()));
  if (!given) {
    add_header("Accept-Encoding", "gzip, deflate");
    answer_early(invalid_input("the Content-Encoding of the body must be gzip, deflate or identity"), 415,
                 Trouble::Encoding);
    return false;
  }
  coding = *given;
  if (head.content_length.value_or(0) > match_.route->body_limit.count) {
    answer_early(invalid_input("the body has " + std::to_string(*head.content_length) + " bytes; this route takes " +
                               to_string(match_.route->body_limit)),
                 413, Trouble::TooLarge);
    return false;
  }
  return true;
}

bool Http1Connection::authorize() {
  const RequestHead& head = parser_.head();
  const Gate& gate = station_.shared.parts.gate;
  std::string_view token;
  if (head.has(KnownField::Authorization)) {
    const auto bearer = bearer_token(head.value(KnownField::Authorization, request_bytes()));
    if (!bearer) {
      answer_early(denied("the Authorization field must be 'Bearer' and a token"), 401, Trouble::NotAllowed);
      return false;
    }
    token = *bearer;
  }
  Result<access::Principal> principal = gate.authenticate(token, peer_.is_loopback);
  if (!principal) {
    answer_early(principal.error(), principal.error().code == ErrorCode::Denied ? 401 : 0, Trouble::NotAllowed);
    return false;
  }
  principal_ = std::move(principal).value();
  if (gate.allows(principal_, match_.route->permission)) return true;
  const std::string wanted(access::name_of(match_.route->permission));
  if (!principal_.role) {
    answer_early(denied("this needs a token that grants '" + wanted + "': send it as 'Authorization: Bearer TOKEN'"),
                 401, Trouble::NotAllowed);
  } else {
    answer_early(denied("'" + principal_.name + "' has the role " + std::string(access::name_of(*principal_.role)) +
                        ", which does not grant '" + wanted + "'"),
                 403, Trouble::NotAllowed);
  }
  return false;
}

// Undoes percent-encoding once, into strings of our own; without escapes the request's bytes are used as they are.
void Http1Connection::decode_target() {
  if (!parser_.head().target_has_escapes) return;
  decoded_path_.clear();
  append_decoded(decoded_path_, parser_.head().path.in(request_bytes()), PlusSign::Literal);
  decoded_parameters_.resize(match_.parameters.size());
  for (std::size_t i = 0; i < match_.parameters.size(); ++i) {
    decoded_parameters_[i].clear();
    append_decoded(decoded_parameters_[i], match_.parameters[i], PlusSign::Literal);
  }
}

void Http1Connection::begin_body(Coding coding) {
  const RequestHead& head = parser_.head();
  const Limits& limits = station_.shared.limits;
  const std::uint64_t most = coding == Coding::Identity
                                 ? match_.route->body_limit.count
                                 : std::min(match_.route->body_limit.count, limits.inflated_body.count);
  phase_ = Phase::Body;
  body_in_place_ = coding == Coding::Identity && head.content_length && *head.content_length <= in_.capacity - cursor_;
  if (body_in_place_) {
    body_reader_.reset();
  } else {
    body_reader_.emplace(head, coding, most, chunk_limits(limits));
    const bool is_plain = coding == Coding::Identity && head.content_length.has_value();
    body_buffer_.begin(is_plain ? static_cast<std::size_t>(*head.content_length) : 0, static_cast<std::size_t>(most));
  }
  if (owes_continue_ && size_ == cursor_) send_continue();
  owes_continue_ = false;
  arm();
}

RequestCopy Http1Connection::copy_request() const {
  const RequestHead& head = parser_.head();
  RequestCopy copy{.method = head.method,
                   .path = std::string(path()),
                   .request_id = std::string(request_id()),
                   .queries = {},
                   .headers = {},
                   .parameters = {},
                   .principal = principal_};
  std::string_view rest = head.query.in(request_bytes());
  while (!rest.empty()) {
    const QueryItem item = next_of_query(rest);
    auto& [key, value] = copy.queries.emplace_back();
    append_decoded(key, item.key, PlusSign::Space);
    append_decoded(value, item.value, PlusSign::Space);
  }
  for (std::uint32_t i = 0; i < head.field_count; ++i) {
    copy.headers.emplace_back(head.fields[i].name.in(request_bytes()), head.fields[i].value.in(request_bytes()));
  }
  for (std::size_t i = 0; i < match_.parameters.size(); ++i) copy.parameters.emplace_back(parameter(i));
  return copy;
}

void Http1Connection::start_blocking(Coding coding) {
  const RequestHead& head = parser_.head();
  const std::uint64_t most = match_.route->body_limit.count;
  const bool is_plain = coding == Coding::Identity && head.content_length.has_value();
  const std::size_t expected = is_plain ? static_cast<std::size_t>(*head.content_length) : 0;
  auto exchange = std::make_shared<BlockingExchange>(copy_request(), expected, *this, station_.mailbox);
  const bool accepted = station_.shared.parts.workers.submit(
      [exchange, routes = station_.shared.parts.routes, route = match_.route, &log = station_.shared.parts.log] {
        exchange->run(std::get<BlockingHandler>(route->handler), log);
      });
  if (!accepted) {
    answer_early(overloaded("all workers are busy and their queue is full: try again"), 0, Trouble::Overloaded);
    return;
  }
  blocking_ = std::move(exchange);
  body_in_place_ = false;
  if (body_complete_) {
    body_reader_.reset();
    blocking_->pipe().finish();
    phase_ = Phase::Answering;
    return;
  }
  body_reader_.emplace(head, coding, most, chunk_limits(station_.shared.limits));
  phase_ = Phase::Body;
  arm();
}

// The whole body is there. True: go on.
bool Http1Connection::body_ended() {
  body_complete_ = true;
  if (blocking_) {
    blocking_->pipe().finish();
    phase_ = Phase::Answering;
    return true;
  }
  if (!body_in_place_) body_ = body_buffer_.padded();
  received_at_ = station_.now;
  dispatch();
  return true;
}

void Http1Connection::dispatch() {
  phase_ = Phase::Answering;
  const auto failed = [&](std::string_view what) {
    note(Trouble::HandlerThrew);
    station_.shared.parts.log.error("a handler threw",
                                    {{"path", path()}, {"request_id", request_id()}, {"what", what}});
    watcher_ = nullptr;
    if (answered_) return;
    if (is_open_) {
      out_.resize(answer_at_);
      is_open_ = false;
    }
    added_headers_.clear();
    reply_error(*this, internal_error("the server failed at this request; its log says why under the request id"));
  };
  try {
    std::get<InlineHandler>(match_.route->handler)(*this);
  } catch (const std::exception& thrown) {
    failed(thrown.what());
  } catch (...) {
    failed("not a std::exception");
  }
}

void Http1Connection::body_refused(const Refusal& refusal) {
  const Trouble trouble = refusal.status == 413   ? Trouble::TooLarge
                          : refusal.status == 408 ? Trouble::SlowPeer
                                                  : Trouble::Malformed;
  const Error error = refusal_error(refusal);
  if (blocking_) std::exchange(blocking_, nullptr)->detach(error);
  keeps_alive_ = false;
  answer_early(error, refusal.status, trouble);
}

// A request that cannot be read to its end. Nothing after it can be trusted.
void Http1Connection::refuse(const Refusal& refusal, Trouble trouble) {
  answered_ = false;
  keeps_alive_ = false;
  body_complete_ = true;
  cursor_ = size_;
  has_partial_head_ = false;
  match_.route = nullptr;
  match_.parameters.clear();
  principal_ = {};
  decode_target();
  station_.request_ids.write_next(request_id_.data());
  request_id_size_ = RequestIds::kSize;
  answer_early(refusal_error(refusal), refusal.status, trouble);
}

// Answers without the handler. A peer that waits for '100 Continue' may or may not send its body: the connection ends.
void Http1Connection::answer_early(const Error& error, int status, Trouble trouble) {
  note(trouble);
  if (owes_continue_ || unread_body() > kWorthReading) keeps_alive_ = false;
  phase_ = Phase::Answering;
  reply_error(*this, error, status);
}

std::uint64_t Http1Connection::unread_body() const {
  if (body_complete_) return 0;
  const RequestHead& head = parser_.head();
  if (head.is_chunked) return std::numeric_limits<std::uint64_t>::max();
  return head.content_length.value_or(0) - (body_reader_ ? body_reader_->raw_bytes() : 0) - discarded_;
}

std::string_view Http1Connection::path() const {
  return parser_.head().target_has_escapes ? std::string_view(decoded_path_) : parser_.head().path.in(request_bytes());
}

std::string_view Http1Connection::query(std::string_view key) const {
  std::string_view rest = parser_.head().query.in(request_bytes());
  while (!rest.empty()) {
    const QueryItem item = next_of_query(rest);
    std::string decoded;
    append_decoded(decoded, item.key, PlusSign::Space);
    if (decoded != key) continue;
    if (item.value.find_first_of("%+") == std::string_view::npos) return item.value;
    append_decoded(decoded_values_.emplace_back(), item.value, PlusSign::Space);
    return decoded_values_.back();
  }
  return {};
}

std::string_view Http1Connection::header(std::string_view lower_name) const {
  return parser_.head().find(lower_name, request_bytes());
}

std::string_view Http1Connection::parameter(std::size_t index) const {
  if (index >= match_.parameters.size()) return {};
  return parser_.head().target_has_escapes ? std::string_view(decoded_parameters_[index]) : match_.parameters[index];
}

}  // namespace slipway::net
