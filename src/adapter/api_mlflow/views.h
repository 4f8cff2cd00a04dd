// How records look in MLflow's answers. Times and other 64-bit numbers are JSON numbers, as its servers write them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "domain/training/entry.h"

namespace slipway::api_mlflow {

nlohmann::json experiment_view(const training::Entry& entry);
nlohmann::json run_view(const training::Entry& entry);    // with info, data, inputs and outputs
nlohmann::json model_view(const training::Entry& entry);  // a logged model, with info and data
nlohmann::json metric_view(const training::Metric& metric);
nlohmann::json pairs_view(const std::map<std::string, std::string>& pairs);

}  // namespace slipway::api_mlflow
