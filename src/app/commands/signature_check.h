// The signature of a package on this machine, checked with keys that the caller names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/commands/local_package.h"
#include "domain/gate/measurements.h"
#include "domain/governance/signature.h"

namespace slipway::app {

// `keys`: files of public keys, at least one. `signature`: its file; none: what lies beside or inside the package.
// NotFound, InvalidInput: there is no such file, or it is none.
Result<governance::SignatureFinding> check_local_signature(const LocalPackage& package, const std::string& path,
                                                           const std::vector<std::string>& keys,
                                                           const std::optional<std::string>& signature);

// The same for the signing gate: no signature, and one that cannot be read, are findings. `keys` may be empty.
// NotFound, InvalidInput: a file that was named is not there, or is no key.
Result<gate::SigningMeasurement> measure_local_signature(const LocalPackage& package, const std::string& path,
                                                         const std::vector<std::string>& keys,
                                                         const std::optional<std::string>& signature);

}  // namespace slipway::app
