// What a Prometheus server answers to a query at one moment.
#pragma once

#include <string_view>

#include "base/result.h"

namespace slipway::prometheus_query {

inline constexpr std::size_t kLargestAnswer = 1 << 20;

// The one finite number that `body` (of GET /api/v1/query) gives: a scalar, or a vector of one element. Unavailable
// says why there is none: no series, several, NaN or an infinity, an error of the server, a body that is no answer.
Result<double> value_of(std::string_view body);

}  // namespace slipway::prometheus_query
