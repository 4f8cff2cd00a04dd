#include "adapter/net/http_exchange.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "adapter/net/characters.h"
#include "adapter/net/error_reply.h"
#include "adapter/net/target.h"
#include "base/invariant.h"
#include "domain/access/scope.h"

namespace slipway::net {
namespace {

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

}  // namespace

void HttpExchange::begin_exchange() {
  answered_ = was_aside_ = false;
  pouring_.reset();      // of an answer that broke off
  body_reader_.reset();  // what it counted was another request's body
  coding_of_body_ = Coding::Identity;
  received_at_ = station_.now;
  wake_at_ = TimePoint::max();
  principal_ = {};
  take_request_id(head_->value(KnownField::RequestId, head_bytes_));
}

void HttpExchange::take_request_id(std::string_view given) {
  if (is_good_request_id(given)) {
    std::memcpy(request_id_.data(), given.data(), given.size());
    request_id_size_ = given.size();
  } else {
    station_.request_ids.write_next(request_id_.data());
    request_id_size_ = RequestIds::kSize;
  }
}

bool HttpExchange::admit(Peer& peer, Coding& coding) {
  peer_of_exchange_ = &peer;
  if (!accept_host(peer) || !find_route() || !authorize(peer)) return false;
  const auto given = parse_content_coding(head_->value(KnownField::ContentEncoding, head_bytes_));
  if (!given) {
    add_header("Accept-Encoding", "gzip, deflate");
    answer_early(invalid_input("the Content-Encoding of the body must be gzip, deflate or identity"), 415,
                 Trouble::Encoding);
    return false;
  }
  coding = *given;
  if (head_->content_length.value_or(0) > match_.route->body_limit.count) {
    answer_early(invalid_input("the body has " + std::to_string(*head_->content_length) + " bytes; this route takes " +
                               to_string(match_.route->body_limit)),
                 413, Trouble::TooLarge);
    return false;
  }
  return true;
}

bool HttpExchange::accept_host(Peer& peer) {
  const std::string_view host = head_->value(KnownField::Host, head_bytes_);
  if (!head_->has(KnownField::Host) || host == peer.accepted_host) return true;
  if (!station_.shared.parts.gate.accepts_host(host)) {
    answer_early(denied("the Host '" + std::string(host.substr(0, 255)) + "' is not one this server answers for"), 403,
                 Trouble::WrongHost);
    return false;
  }
  peer.accepted_host = host;
  return true;
}

bool HttpExchange::find_route() {
  const std::string_view path = head_->path.in(head_bytes_);
  if (match_.route != nullptr && head_->method == routed_method_ && path == routed_path_) {
    for (std::size_t i = 0; i < parameter_places_.size(); ++i) {
      match_.parameters[i] = parameter_places_[i].in(path.data());
    }
  } else {
    station_.shared.parts.routes.find(head_->method, path, match_);
    remember_route(path);
  }
  decode_target();
  if (match_.route != nullptr) return true;
  if (match_.allowed.empty()) {
    answer_early(not_found("there is nothing at " + std::string(this->path().substr(0, 255))), 404, Trouble::NoRoute);
  } else {
    add_header("Allow", match_.allowed);
    answer_early(invalid_input("this path answers " + match_.allowed + " only"), 405, Trouble::NoRoute);
  }
  return false;
}

// Most requests of a connection go to the path the one before went to.
void HttpExchange::remember_route(std::string_view path) {
  constexpr std::size_t kMost = 256;  // an idle connection keeps it
  routed_method_ = head_->method;
  routed_path_ = path.size() <= kMost ? path : std::string_view();
  parameter_places_.clear();
  for (const std::string_view parameter : match_.parameters) {
    parameter_places_.push_back(
        {static_cast<std::uint32_t>(parameter.data() - path.data()), static_cast<std::uint32_t>(parameter.size())});
  }
}

bool HttpExchange::authorize(const Peer& peer) {
  const Gate& gate = station_.shared.parts.gate;
  std::string_view token;
  if (head_->has(KnownField::Authorization)) {
    const auto bearer = bearer_token(head_->value(KnownField::Authorization, head_bytes_));
    if (!bearer) {
      const Error error = denied("the Authorization field must be 'Bearer' and a token");
      note_refusal(error);
      answer_early(error, 401, Trouble::NotAllowed);
      return false;
    }
    token = *bearer;
  }
  Result<access::Principal> principal = token.empty() && peer.certificate_names
                                            ? gate.identify(*peer.certificate_names, peer.is_loopback)
                                            : gate.authenticate(token, peer.is_loopback);
  if (!principal) {
    note_refusal(principal.error());
    answer_early(principal.error(), principal.error().code == ErrorCode::Denied ? 401 : 0, Trouble::NotAllowed);
    return false;
  }
  principal_ = std::move(principal).value();
  auto may = require(match_.route->permission);
  if (may && principal_.scope) may = check_scope();
  if (may) return true;
  answer_early(may.error(), principal_.role ? 403 : 401, Trouble::NotAllowed);
  return false;
}

Result<void> HttpExchange::require(access::Permission permission) const {
  if (station_.shared.parts.gate.allows(principal_, permission)) return {};
  const std::string wanted(access::name_of(permission));
  Error error =
      principal_.role
          ? denied("'" + principal_.name + "' has the role " + std::string(access::name_of(*principal_.role)) +
                   (principal_.scope ? " within limits" : "") + ", which does not grant '" + wanted + "'")
          : denied("this needs a token that grants '" + wanted + "': send it as 'Authorization: Bearer TOKEN'");
  note_refusal(error);
  return error;
}

Result<void> HttpExchange::require_model(std::string_view model) const {
  if (!principal_.scope) return {};
  auto may = access::check_model(principal_, model);
  if (!may) note_refusal(may.error());
  return may;
}

// The gate for tokens that are limited to models or environments: what it cannot see in the path is the handler's to
// look at, if it says that it does.
Result<void> HttpExchange::check_scope() const {
  const Route& route = *match_.route;
  const access::Scope& scope = *principal_.scope;
  if (route.permission == access::Permission::Public) return {};
  bool is_covered = true;
  if (!scope.models.empty()) {
    constexpr std::string_view kModel = "{model}";
    const std::size_t at = route.pattern.find(kModel);
    const auto index = static_cast<std::size_t>(
        std::count(route.pattern.begin(),
                   route.pattern.begin() + static_cast<std::ptrdiff_t>(std::min(at, route.pattern.size())), '{'));
    is_covered = at != std::string::npos ? scope.covers_model(parameter(index)) : route.handler_checks_models;
  }
  if (!scope.environments.empty() && access::changes_environments(route.permission)) {
    is_covered = is_covered && route.handler_checks_environment;
  }
  if (is_covered) return {};
  Error error = access::outside_scope(principal_.name, scope);
  note_refusal(error);
  return error;
}

// Before somebody is known by name, the caller is nobody in particular.
void HttpExchange::note_refusal(const Error& why) const {
  const std::string_view name = principal_.name.empty() ? std::string_view("unknown") : principal_.name;
  station_.shared.parts.gate.note({name, head_->method, path(), why});
}

// Undoes percent-encoding once, into strings of our own; without escapes the request's bytes are used as they are.
void HttpExchange::decode_target() {
  if (!head_->target_has_escapes) return;
  decoded_path_.clear();
  append_decoded(decoded_path_, head_->path.in(head_bytes_), PlusSign::Literal);
  decoded_parameters_.resize(match_.parameters.size());
  for (std::size_t i = 0; i < match_.parameters.size(); ++i) {
    decoded_parameters_[i].clear();
    append_decoded(decoded_parameters_[i], match_.parameters[i], PlusSign::Literal);
  }
}

// A route that streams reads its body as it comes, so that what it inflates to need not fit into memory.
std::uint64_t HttpExchange::body_limit(Coding coding) const {
  const std::uint64_t most = match_.route->body_limit.count;
  if (coding == Coding::Identity || match_.route->streams_body()) return most;
  return std::min(most, station_.shared.limits.inflated_body.count);
}

bool HttpExchange::hogs_memory(std::uint64_t received) {
  const bool is_short = !station_.shared.bodies->has_room();
  return body_pace_.gives_way(is_short, received, station_.now) && body_buffer_.size() != 0;
}

bool HttpExchange::hogs_answers(std::size_t held, std::uint64_t sent) {
  constexpr std::size_t kLongest = 30;  // seconds, for all of it
  return answer_pace_.gives_way(!station_.shared.answers.has_room(), sent, station_.now, held / kLongest);
}

void HttpExchange::call_handler() {
  if (coding_of_body_ != Coding::Identity) return inflate_body(std::exchange(coding_of_body_, Coding::Identity));
  if (!match_.route->is_blocking()) return call_inline();
  // The worker takes the body along: the peer may leave before it is done.
  BodyBuffer& body = shared_body_ ? *shared_body_ : body_buffer_;
  submit(std::make_shared<BlockingExchange>(copy_request(), std::move(body), *this, station_.mailbox));
}

// What is short and stays short is inflated here; a few kilobytes may become a megabyte.
void HttpExchange::inflate_body(Coding coding) {
  constexpr std::size_t kMostSent = 4 << 10, kMostInflated = 64 << 10;
  const ServerParts& parts = station_.shared.parts;
  const auto inflation = std::make_shared<BodyInflation>(coding, body_limit(coding), station_.shared.bodies);
  if (body_.size() <= kMostSent && inflation->run(body_, kMostInflated) != BodyInflation::Outcome::TooLong) {
    return take_inflated(inflation);
  }
  // The worker takes the body along: the peer may leave before it is done. This stays until it is answered.
  inflation->keep(body_buffer_, body_);
  body_ = {};
  const bool accepted = parts.body_workers.submit([this, inflation, mailbox = station_.mailbox] {
    inflation->run_kept();
    mailbox->post([this, inflation] { take_inflated(inflation); });
  });
  was_aside_ |= accepted;
  if (!accepted) {
    answer_early(overloaded("all workers are busy and their queue is full: try again"), 0, Trouble::Overloaded);
  }
}

void HttpExchange::take_inflated(const std::shared_ptr<BodyInflation>& inflation) {
  if (is_forsaken()) return reply_error(*this, {ErrorCode::Cancelled, "the peer closed the connection"});
  switch (inflation->outcome()) {
    case BodyInflation::Outcome::Done:
      shared_body_ = std::shared_ptr<BodyBuffer>(inflation, &inflation->inflated());
      body_ = shared_body_->padded();
      return call_handler();
    case BodyInflation::Outcome::Refused:
      return body_refused(inflation->refusal());
    case BodyInflation::Outcome::TooLong:
    case BodyInflation::Outcome::NoMemory:
      return answer_early(unavailable("the server's memory for request bodies is in use: try again"), 503,
                          Trouble::NoMemory);
  }
}

void HttpExchange::call_inline() {
  const auto failed = [&](std::string_view what) {
    note(Trouble::HandlerThrew);
    station_.shared.parts.log.error("a handler threw",
                                    {{"path", path()}, {"request_id", request_id()}, {"what", what}});
    watcher_ = listener_ = nullptr;
    if (answered_) return;
    if (std::exchange(is_open_, false)) take_back_answer();
    added_headers_.clear();
    reply_error(*this, internal_error("the server failed at this request; its log says why under the request id"));
  };
  try {
    if (const auto* answers = std::get_if<InlineHandler>(&match_.route->handler)) return (*answers)(*this);
    std::get<StreamingHandler>(match_.route->handler).call(*this);
    invariant(answered_ || listener_ != nullptr, "a streaming handler finishes or listens");
  } catch (const std::exception& thrown) {
    failed(thrown.what());
  } catch (...) {
    failed("not a std::exception");
  }
}

std::string_view HttpExchange::path() const {
  if (head_bytes_ == nullptr) return {};
  return head_->target_has_escapes ? std::string_view(decoded_path_) : head_->path.in(head_bytes_);
}

std::string_view HttpExchange::query(std::string_view key) const {
  std::string_view rest = head_->query.in(head_bytes_);
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

std::string_view HttpExchange::header(std::string_view lower_name) const {
  return head_->find(lower_name, head_bytes_);
}

std::string_view HttpExchange::parameter(std::size_t index) const {
  if (index >= match_.parameters.size()) return {};
  return head_->target_has_escapes ? std::string_view(decoded_parameters_[index]) : match_.parameters[index];
}

}  // namespace slipway::net
