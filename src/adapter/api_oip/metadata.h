// Descriptions of the server and its models, as JSON texts. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ports/predictor.h"

namespace slipway::api_oip {

// {"name","version","extensions":[...]}
std::string server_metadata(std::string_view name, std::string_view version);

// {"name","versions":[...],"platform","inputs":[...],"outputs":[...]}; shapes with -1 where any size goes.
std::string model_metadata(const ports::ServedModel& served, std::span<const model::VersionNumber> versions);

// Triton's ModelConfig as JSON; a model repository takes it back and serves the same. Dimensions leave out the batch
// when max_batch_size is not 0. `versions`: all that are served, by the protocol's numbers.
std::string model_config(const ports::ServedModel& served, std::span<const model::VersionNumber> versions);

// {"model_stats":[...]} with Triton's names.
std::string model_statistics(std::span<const ports::ModelStatistics> statistics);

// {"models":["a","b"]}: KServe's list of what can answer.
std::string model_list(std::span<const ports::ServedState> states);

}  // namespace slipway::api_oip
