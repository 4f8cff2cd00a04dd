// The server's configuration file (slipway-server.yaml): flat keys with text values, each with its place in the file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::config_yaml {

struct ServerSetting {
  std::string key;
  std::string value;   // as written; a list is joined with commas
  std::string source;  // "slipway-server.yaml:3"
};

// Reads the file's text but for the section `governance:` (governance_section.h). InvalidInput names file, line and
// column: malformed YAML, a key that is not among `known` (with the nearest one), a key given twice, a value that is
// neither text nor a list of texts.
Result<std::vector<ServerSetting>> parse_server_file(std::string_view text, std::string_view name,
                                                     std::span<const std::string_view> known);

// The same from disk; at most 1 MiB. NotFound if there is no such file; Unavailable if it cannot be read.
Result<std::vector<ServerSetting>> read_server_file(const std::string& path, std::span<const std::string_view> known);

}  // namespace slipway::config_yaml
