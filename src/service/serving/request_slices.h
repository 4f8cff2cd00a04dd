// request_slices: in which slices of its model's rule a request lies.
#pragma once

#include <cstdint>

#include "domain/model/slicing.h"
#include "ports/predictor.h"

namespace slipway::serving {

// As model::slice_label(). What cannot be asked now, since the caller or the inputs are not there, is as in `before`, a
// label of the same slicing. Looks at inputs that nobody has checked; allocates nothing.
std::uint16_t request_slices(const model::Slicing& slicing, const ports::PredictRequest& request, std::uint16_t before);

}  // namespace slipway::serving
