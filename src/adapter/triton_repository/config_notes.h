// What a configuration says that has no use here: told, so that nobody waits for an effect.
#pragma once

#include <string>
#include <vector>

namespace inference {
class ModelConfig;  // api/proto/model_config.proto
}

namespace slipway::triton_repository {

// One line each, in the order of the fields.
std::vector<std::string> notes_on(const inference::ModelConfig& config);

}  // namespace slipway::triton_repository
