#include "adapter/net/error_reply.h"

#include "adapter/net/route.h"
#include "base/text.h"

namespace slipway::net {
namespace {

constexpr std::string_view kRetryAfter = "1";

}  // namespace

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidInput:
      return 400;
    case ErrorCode::NotFound:
      return 404;
    case ErrorCode::Conflict:
      return 409;
    case ErrorCode::Denied:
      return 403;
    case ErrorCode::NotReady:
      return 503;
    case ErrorCode::Overloaded:
      return 429;
    case ErrorCode::DeadlineExceeded:
      return 504;
    case ErrorCode::Cancelled:
      return 499;
    case ErrorCode::Unimplemented:
      return 501;
    case ErrorCode::Unavailable:
      return 503;
    case ErrorCode::Corrupt:
      return 500;
    case ErrorCode::Internal:
      return 500;
  }
  return 500;
}

std::string error_body(const Error& error) {
  std::string body = "{\"error\":";
  append_json_string(body, error.message);
  body += ",\"code\":\"";
  body += name_of(error.code);
  body += "\"}";
  return body;
}

void reply_error(Exchange& exchange, const Error& error, int status) {
  const int shown = status != 0 ? status : http_status(error.code);
  if (shown == 429 || shown == 503) exchange.add_header("Retry-After", kRetryAfter);
  if (shown == 401) exchange.add_header("WWW-Authenticate", "Bearer realm=\"slipway\"");
  exchange.reply(shown, "application/json", error_body(error));
}

Reply error_reply(const Error& error, int status) {
  Reply reply;
  reply.status = status != 0 ? status : http_status(error.code);
  reply.body = error_body(error);
  if (reply.status == 429 || reply.status == 503) reply.headers.emplace_back("Retry-After", kRetryAfter);
  if (reply.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"slipway\"");
  return reply;
}

}  // namespace slipway::net
