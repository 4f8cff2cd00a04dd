// The text of the server's configuration file, and the YAML in it: what its readers share.
#pragma once

#include <string>
#include <string_view>

#include "adapter/yaml/node.h"

namespace slipway::config_yaml {

// At most 1 MiB. NotFound if there is no such file; Unavailable if it cannot be read.
Result<std::string> read_server_text(const std::string& path);
Result<yaml::Document> parse_server_yaml(std::string_view text, std::string_view name);

}  // namespace slipway::config_yaml
