#include "adapter/api_oip/describe.h"

#include "adapter/api_oip/metadata.h"

namespace slipway::api_oip {

using ports::Numbering;

Result<std::string> describe_metadata(const ports::Predictor& predictor, const Target& target) {
  const auto served = TRY(predictor.find(target.model, target.version, Numbering::Protocol));
  std::vector<model::VersionNumber> versions{served->protocol_version};
  if (!target.version) versions = predictor.served_versions(target.model, Numbering::Protocol);
  return model_metadata(*served, versions);
}

Result<std::string> describe_config(const ports::Predictor& predictor, const Target& target) {
  const auto served = TRY(predictor.find(target.model, target.version, Numbering::Protocol));
  return model_config(*served, predictor.served_versions(target.model, Numbering::Protocol));
}

Result<std::string> describe_statistics(const ports::Predictor& predictor, const Target& target) {
  return model_statistics(TRY(predictor.statistics(target.model, target.version, Numbering::Protocol)));
}

}  // namespace slipway::api_oip
