// The one table from error codes to HTTP, and the body every route of ours answers with.
#pragma once

#include <string>

#include "adapter/net/exchange.h"
#include "base/result.h"

namespace slipway::net {

// InvalidInput 400, NotFound 404, Conflict 409, Denied 403, NotReady 503, Overloaded 429, DeadlineExceeded 504,
// Cancelled 499, Unimplemented 501, Unavailable 503, Corrupt 500, Internal 500.
int http_status(ErrorCode code);

// {"error":"text","code":"NotFound"}
std::string error_body(const Error& error);

// Answers with http_status() or `status` where a code has a closer one (401, 405, 413, 414, 415, 431, 507); adds
// Retry-After to 429 and 503.
void reply_error(Exchange& exchange, const Error& error, int status = 0);

}  // namespace slipway::net
