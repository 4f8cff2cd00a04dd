// The model repository extension: the index, load and unload.
#pragma once

#include <span>
#include <string>

#include "adapter/api_oip/repository_control.h"
#include "adapter/net/route.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// [{"name","version","state","reason"},...]. Body: empty, {} or {"ready":true} for those that can answer.
Result<std::string> repository_index(ByteSpan body, std::span<const ports::ServedState> states);

// Unimplemented for a parameter of load that would serve something the registry does not know.
Result<void> refuse_override(std::string_view parameter);

// Both answer 200 with an empty body when it is done. They block.
net::Reply load_model(net::BlockingRequest& request, RepositoryControl& repository);
net::Reply unload_model(net::BlockingRequest& request, RepositoryControl& repository);

}  // namespace slipway::api_oip
