// The ramp of a plan in one line, for reports.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::proving {

// "canary 5 %, 10 %, 25 %, 50 %; 600s each at least". InvalidInput: not a plan.
Result<std::string> ramp_text(std::string_view plan);

}  // namespace slipway::proving
