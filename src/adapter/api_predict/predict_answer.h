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
//
// begin_predictions, then append_predictions for the rows of each execution in their order, a comma between two, then
// end_predictions.
void begin_predictions(std::string& out, const ports::ServedModel& served);
void append_predictions(std::string& out, const ports::Prediction& prediction, std::uint64_t rows);
void end_predictions(std::string& out);

}  // namespace slipway::api_predict
