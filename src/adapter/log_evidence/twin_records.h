// What a record of the prediction log says to the agreement of a rollout's versions.
#pragma once

#include "domain/evidence/twins.h"
#include "ports/prediction_log.h"

namespace slipway::log_evidence {

// One record of a pair: a mirrored request's, or its twin's. The same pair for both.
evidence::Twin twin_of(const ports::PredictionRecord& record);

}  // namespace slipway::log_evidence
