// How records look in JSON answers (api/openapi.yaml, components/schemas).
#pragma once

#include <string>
#include <vector>

#include "adapter/api_admin/json_writer.h"
#include "domain/model/event.h"
#include "domain/tensor/signature.h"
#include "ports/package_reader.h"
#include "ports/predictor.h"
#include "service/registry/registry.h"

namespace slipway::api_admin {

void write_version(JsonWriter& json, const model::ModelVersion& version);  // without files and manifest
void write_model(JsonWriter& json, const registry::ModelSummary& summary);
// With size, aliases, tags and where it comes from.
void write_found(JsonWriter& json, const ports::FoundVersion& found);
// With files, verification and what the manifest says.
std::string version_details(const model::ModelVersion& version, const Result<model::Manifest>& manifest);
// The fields of what a package says of its origin, without brackets.
void write_lineage(JsonWriter& json, const model::Lineage& lineage);
void write_event(JsonWriter& json, const model::Event& event);
void write_token(JsonWriter& json, const ports::TokenRecord& token);
void write_state(JsonWriter& json, const ports::ServedState& state);
// `states`: of every version that is loaded or should be; empty for another environment than this server's.
void write_desired(JsonWriter& json, const ports::Stored<model::DesiredServing>& desired,
                   const std::vector<ports::ServedState>& states);

}  // namespace slipway::api_admin
