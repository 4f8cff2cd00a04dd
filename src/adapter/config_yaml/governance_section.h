// The section `governance:` of the server's configuration file: what environments ask of versions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/governance/approval.h"

namespace slipway::config_yaml {

inline constexpr std::string_view kGovernanceSection = "governance";

// No section: no rules. InvalidInput names file, line and column, what was expected and what was found.
Result<governance::Rules> parse_governance(std::string_view text, std::string_view name);

// The same from disk. NotFound if there is no such file; Unavailable if it cannot be read.
Result<governance::Rules> read_governance(const std::string& path);

}  // namespace slipway::config_yaml
