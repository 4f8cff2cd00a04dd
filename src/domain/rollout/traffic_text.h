// Traffic as a text, for records and histories: "1=9900 2=100" or "1=10000 2=0 mirrored=5000".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/rollout/rollout.h"

namespace slipway::rollout {

std::string text_of(const Traffic& traffic);
Result<Traffic> parse_traffic(std::string_view text);  // InvalidInput: not such a text

}  // namespace slipway::rollout
