// The settings of traces as Triton's protocols have them: texts.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/api_oip/request_traces.h"
#include "base/result.h"

namespace slipway::api_oip {

// An empty value: back to the usual. InvalidInput: nobody knows the key, or the value is wrong; Unimplemented: Triton
// would know it.
Result<void> change_trace(std::string_view key, std::string_view value, RequestTraces::Settings& settings);

std::vector<std::pair<std::string_view, std::string>> all_of(const RequestTraces::Settings& settings);

// The one that is a list where values have kinds.
inline constexpr std::string_view kTraceLevel = "trace_level";

}  // namespace slipway::api_oip
