// Records for the suites of prediction logs.
#pragma once

#include <string>

#include "ports/prediction_log.h"

namespace slipway::contract {

inline model::ModelName log_name(std::string_view text) {
  return *model::ModelName::parse(text);
}

inline WallTime log_time(int seconds) {
  return WallTime(std::chrono::hours(24 * 365 * 50) + std::chrono::seconds(seconds));
}

inline ports::PredictionRecord prediction(const std::string& request, int at, std::uint64_t unit = 0) {
  ports::PredictionRecord record;
  record.request = model::RequestKey::of(request);
  record.model = model::hash_of("fraud");
  record.version = 7;
  record.draw = {unit, 3, 0.25, unit == 0 ? model::AssignedBy::Chance : model::AssignedBy::Unit, 513};
  record.status = 2;
  record.value_count = 2;
  record.traffic = ports::Traffic::Batch;
  record.pair = 0xbeef;
  record.rows = 5;
  record.values = {0.5F, -1.25F, 0, 0};
  record.at = log_time(at);
  record.latency = std::chrono::microseconds(1234);
  record.outputs = 0xfedcba9876543210;
  return record;
}

inline ports::OutcomeRecord outcome(std::uint64_t key, double value) {
  ports::OutcomeRecord record;
  record.key = key;
  record.request = model::RequestKey::of("r1");
  record.model = model::hash_of("fraud");
  record.version = 7;
  record.draw = {11, 3, 0.25, model::AssignedBy::Unit, 514};
  record.kind = ports::OutcomeRecord::Kind::Conversion;
  record.value = value;
  record.at = log_time(90);
  record.predicted_at = log_time(1);
  return record;
}

}  // namespace slipway::contract
