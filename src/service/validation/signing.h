// What the signing gate is told of the signatures that were found.
#pragma once

#include <span>

#include "domain/gate/measurements.h"
#include "domain/governance/signature.h"

namespace slipway::validation {

// The best of them: one good signature is enough, whatever lies beside it. `trusted`: they were held against these.
gate::SigningMeasurement measured_signing(std::span<const governance::SignatureFinding> findings,
                                          std::span<const governance::TrustedKey> trusted);

}  // namespace slipway::validation
