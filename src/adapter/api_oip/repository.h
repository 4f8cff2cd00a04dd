// The model repository extension: the index, load and unload.
#pragma once

#include <span>
#include <string>

#include "adapter/api_oip/repository_control.h"
#include "adapter/net/route.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// What a load may hold: files come base64-encoded in its JSON, as large as the model.
inline constexpr Bytes kLoadLimit = mebibytes(64);

// [{"name","version","state","reason"},...]; no version where the model as a whole is meant. Body: empty, {} or
// {"ready":true} for those that can answer.
Result<std::string> repository_index(ByteSpan body, std::span<const IndexEntry> entries);

// {"parameters":{"config":"...","file:1/model.onnx":"..."}}; empty: none. InvalidInput names the parameter at fault: a
// file without a config, a path that is not VERSION/NAME, what is no base64.
Result<ports::RepositoryOverrides> read_overrides(std::string_view body);

// One parameter of a load; others than config and file: are passed over. Of a file the content itself, not its base64.
Result<void> add_override(std::string_view parameter, std::string_view content, ports::RepositoryOverrides& overrides);
// InvalidInput: files without their config.
Result<void> check_overrides(const ports::RepositoryOverrides& overrides);

// Both answer 200 with an empty body when it is done. They block.
net::Reply load_model(net::BlockingRequest& request, RepositoryControl& repository);
net::Reply unload_model(net::BlockingRequest& request, RepositoryControl& repository);

}  // namespace slipway::api_oip
