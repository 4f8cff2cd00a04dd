// What the server says of its models to any protocol: descriptions by name and version, as JSON texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/model/name.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// A model as a path or a message names it.
struct Target {
  std::string_view model;
  std::optional<model::VersionNumber> version;
};

// Each as metadata.h writes it; NotFound or NotReady where the version is not served.
Result<std::string> describe_metadata(const ports::Predictor& predictor, const Target& target);
Result<std::string> describe_config(const ports::Predictor& predictor, const Target& target);
Result<std::string> describe_statistics(const ports::Predictor& predictor, const Target& target);  // all: no model

}  // namespace slipway::api_oip
