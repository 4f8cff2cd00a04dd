// What a run says it used and made: data sets and logged models. Kept as tags of the run under a prefix of our own,
// which no answer shows as tags.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/training/entry.h"

namespace slipway::api_mlflow {

using Tag = std::pair<std::string, std::string>;

// `input`: one of log-inputs' datasets, with its digest. Parts that are too long for a tag (profile, then schema) are
// left out. InvalidInput: no digest, or still too long.
Result<Tag> input_link(const nlohmann::json& input);
Tag output_link(const std::string& model, std::int64_t step);

// InvalidInput: a client names one as a tag of its own.
Result<void> check_not_links(const std::vector<Tag>& tags);
std::map<std::string, std::string> without_links(const std::map<std::string, std::string>& tags);
nlohmann::json inputs_view(const training::Entry& run);
nlohmann::json outputs_view(const training::Entry& run);

}  // namespace slipway::api_mlflow
