// The answer to a plain prediction: one object per row, with labels and probabilities by name where they are known.
#pragma once

#include <cstdint>
#include <string>

#include "ports/predictor.h"

namespace slipway::api_predict {

// {"model":"iris","version":1,"predictions":[{"label":"setosa","probabilities":{"setosa":0.9,...}},...]}
// An output is shown as: labels along its last dimension -> "label" and "probabilities" ("scores" when they are none);
// integers that are indices of labels -> "label"; strings of one per row -> "label"; one number per row -> "value";
// anything else -> "values". Several outputs stand by name under "outputs".
void append_predictions(std::string& out, const ports::Prediction& prediction, std::uint64_t rows);

}  // namespace slipway::api_predict
