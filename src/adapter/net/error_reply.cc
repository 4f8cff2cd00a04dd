#include "adapter/net/error_reply.h"

#include "adapter/net/grpc_web.h"
#include "adapter/net/route.h"
#include "base/text.h"

namespace slipway::net {
namespace {

constexpr std::string_view kRetryAfter = "1";

void refuse_call(Exchange& exchange, GrpcForm form, GrpcCode code, std::string_view message) {
  if (code == GrpcCode::Unimplemented) exchange.add_header("grpc-accept-encoding", "identity, gzip, deflate");
  if (form == GrpcForm::Trailers) {
    exchange.add_header("grpc-status", text_of(code));
    exchange.add_header("grpc-message", encoded_grpc_message(message));
    return exchange.reply(200, content_type_of(form), {});
  }
  std::string body;
  append_web_trailers(body, code, message);
  if (form == GrpcForm::Web) return exchange.reply(200, content_type_of(form), body);
  append_base64(exchange.open(200, content_type_of(form)), body);
  exchange.finish();
}

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

GrpcCode grpc_code(ErrorCode code, int status) {
  if (status == 401) return GrpcCode::Unauthenticated;
  if (status == 413 || status == 431) return GrpcCode::ResourceExhausted;
  if (status == 404 || status == 405) return GrpcCode::Unimplemented;
  switch (code) {
    case ErrorCode::InvalidInput:
      return GrpcCode::InvalidArgument;
    case ErrorCode::NotFound:
      return GrpcCode::NotFound;
    case ErrorCode::Conflict:
      return GrpcCode::Aborted;
    case ErrorCode::Denied:
      return GrpcCode::PermissionDenied;
    case ErrorCode::NotReady:
      return GrpcCode::Unavailable;
    case ErrorCode::Overloaded:
      return GrpcCode::ResourceExhausted;
    case ErrorCode::DeadlineExceeded:
      return GrpcCode::DeadlineExceeded;
    case ErrorCode::Cancelled:
      return GrpcCode::Cancelled;
    case ErrorCode::Unimplemented:
      return GrpcCode::Unimplemented;
    case ErrorCode::Unavailable:
      return GrpcCode::Unavailable;
    case ErrorCode::Corrupt:
      return GrpcCode::DataLoss;
    case ErrorCode::Internal:
      return GrpcCode::Internal;
  }
  return GrpcCode::Internal;
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
  const auto form = parse_grpc_form(exchange.header("content-type"));
  if (form && (*form != GrpcForm::Trailers || exchange.has_trailers())) {
    return refuse_call(exchange, *form, grpc_code(error.code, status), error.message);
  }
  const int shown = status != 0 ? status : http_status(error.code);
  if (shown == 429 || shown == 503) exchange.add_header("Retry-After", kRetryAfter);
  if (shown == 401) exchange.add_header("WWW-Authenticate", "Bearer realm=\"slipway\"");
  const ErrorBody own = exchange.error_body();
  exchange.reply(shown, "application/json", own != nullptr ? own(error, shown) : error_body(error));
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
