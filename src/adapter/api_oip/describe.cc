#include "adapter/api_oip/describe.h"

#include "adapter/api_oip/metadata.h"

namespace slipway::api_oip {

Result<std::string> describe_metadata(const ports::Predictor& predictor, const Target& target) {
  const auto served = TRY(predictor.find(target.model, target.version));
  std::vector<model::VersionNumber> versions{served->version};
  if (!target.version) versions = predictor.served_versions(target.model);
  return model_metadata(*served, versions);
}

Result<std::string> describe_config(const ports::Predictor& predictor, const Target& target) {
  return model_config(*TRY(predictor.find(target.model, target.version)));
}

Result<std::string> describe_statistics(const ports::Predictor& predictor, const Target& target) {
  return model_statistics(TRY(predictor.statistics(target.model, target.version)));
}

}  // namespace slipway::api_oip
