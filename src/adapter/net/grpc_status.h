// What gRPC says besides its messages: status codes and texts, time limits, content types. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace slipway::net {

// The numbers of grpc-status.
enum class GrpcCode : std::uint8_t {
  Ok,
  Cancelled,
  Unknown,
  InvalidArgument,
  DeadlineExceeded,
  NotFound,
  AlreadyExists,
  PermissionDenied,
  ResourceExhausted,
  FailedPrecondition,
  Aborted,
  OutOfRange,
  Unimplemented,
  Internal,
  Unavailable,
  DataLoss,
  Unauthenticated,
};

// "0" to "16".
std::string_view text_of(GrpcCode code);

// grpc-message: what is not printable ASCII, and '%', as %XX; cut to what clients take as metadata.
std::string encoded_grpc_message(std::string_view message);

// grpc-timeout: at most eight digits and a unit (H, M, S, m, u, n). InvalidInput for anything else. More than a year
// means a year.
Result<Duration> parse_grpc_timeout(std::string_view text);

// How a call travels: with trailers of HTTP/2, or with its trailers as the last piece of the body (gRPC-Web), that as
// base64 where a browser can read text only.
enum class GrpcForm : std::uint8_t { Trailers, Web, WebText };

// Of "application/grpc", "application/grpc-web" and "application/grpc-web-text", each also with "+proto" and
// parameters; nullopt for any other content type.
std::optional<GrpcForm> parse_grpc_form(std::string_view content_type);
// The content type to answer with.
std::string_view content_type_of(GrpcForm form);

}  // namespace slipway::net
