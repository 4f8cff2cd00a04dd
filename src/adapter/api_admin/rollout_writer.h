// What the API tells of a rollout, as JSON.
#pragma once

#include "adapter/api_admin/json_writer.h"
#include "service/delivery/delivery.h"
#include "service/delivery/plan_forecast.h"

namespace slipway::api_admin {

void write_traffic(JsonWriter& json, const rollout::Traffic& traffic);
void write_steps(JsonWriter& json, std::span<const rollout::Scheduled> steps);
// What the steps take, and the chances of deciding wrongly; as the member "forecast" of an object.
void write_forecast(JsonWriter& json, const evidence::EvidencePlan& plan, const delivery::PlanForecast& forecast);
// What is kept of it, as members of an object; without its plan's text.
void write_record(JsonWriter& json, const ports::RolloutRecord& record);
// Beyond the record: the plan, its steps, and what the evidence says.
void write_standing(JsonWriter& json, const delivery::Standing& standing);
void write_decision(JsonWriter& json, const ports::RolloutDecision& decision);

}  // namespace slipway::api_admin
