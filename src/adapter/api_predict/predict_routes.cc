#include "adapter/api_predict/predict_routes.h"

#include "adapter/api_predict/predict_call.h"
#include "domain/access/permission.h"

namespace slipway::api_predict {

std::vector<net::Route> predict_routes(ports::Predictor& predictor) {
  std::vector<net::Route> routes;
  routes.emplace_back(
      net::Method::Post, "/predict/{model}", access::Permission::Predict,
      net::InlineHandler([&predictor](net::Exchange& exchange) { PredictCall::start(exchange, predictor); }));
  return routes;
}

}  // namespace slipway::api_predict
