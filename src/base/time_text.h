// Times of day as people and protocols write them.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace slipway {

// RFC 3339, with 'Z' or an offset, up to nanoseconds: "2026-11-21T10:00:00.5+01:00". InvalidInput names the text and
// the form.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace slipway
