// The one table from error codes to HTTP and to gRPC, and what every route of ours answers an error with.
#pragma once

#include <string>

#include "adapter/net/exchange.h"
#include "adapter/net/grpc_status.h"
#include "base/result.h"

namespace slipway::net {

// InvalidInput 400, NotFound 404, Conflict 409, Denied 403, NotReady 503, Overloaded 429, DeadlineExceeded 504,
// Cancelled 499, Unimplemented 501, Unavailable 503, Corrupt 500, Internal 500.
int http_status(ErrorCode code);

// InvalidInput INVALID_ARGUMENT, NotFound NOT_FOUND, Conflict ABORTED, Denied PERMISSION_DENIED, NotReady and
// Unavailable UNAVAILABLE, Overloaded RESOURCE_EXHAUSTED, Corrupt DATA_LOSS, the others their namesakes. `status`: the
// closer HTTP status, where one was chosen: 401 UNAUTHENTICATED, 413 and 431 RESOURCE_EXHAUSTED, 404 (no such route)
// and 405 UNIMPLEMENTED.
GrpcCode grpc_code(ErrorCode code, int status = 0);

// {"error":"text","code":"NotFound"}
std::string error_body(const Error& error);

// Answers with http_status() or `status` where a code has a closer one (401, 405, 413, 414, 415, 431, 507); adds
// Retry-After to 429 and 503. A call of gRPC is answered with its status and message instead.
void reply_error(Exchange& exchange, const Error& error, int status = 0);

}  // namespace slipway::net
