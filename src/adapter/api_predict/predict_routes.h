// Plain prediction for people: POST /predict/{model} with features by name, rows or CSV.
#pragma once

#include <vector>

#include "adapter/net/route.h"
#include "ports/predictor.h"

namespace slipway::api_predict {

// {model} is NAME or NAME:VERSION. `predictor` outlives the routes.
std::vector<net::Route> predict_routes(ports::Predictor& predictor);

}  // namespace slipway::api_predict
