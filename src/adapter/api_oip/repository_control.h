// RepositoryControl: what load and unload mean here: a change of desired serving, and waiting until it is so.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model/name.h"
#include "ports/predictor.h"
#include "service/registry/registry.h"

namespace slipway::api_oip {

// Any thread; blocks.
class RepositoryControl {
 public:
  virtual ~RepositoryControl() = default;
  // NotFound: no such model or no validated version. Unavailable: it did not load; the text says why.
  virtual Result<void> load(const model::ModelName& name, std::string_view principal) = 0;
  // NotFound: nothing of it is deployed.
  virtual Result<void> unload(const model::ModelName& name, std::string_view principal) = 0;
};

// Deploys through the registry to one environment: what the alias `production` points to where that is the
// environment, else the newest validated version.
class RegistryControl final : public RepositoryControl {
 public:
  struct Parts {
    registry::Registry& registry;
    const ports::Predictor& predictor;
    const Clock& clock;
    std::string environment;
    Duration allowed = std::chrono::seconds(60);  // for a version to load, or to go
  };
  explicit RegistryControl(Parts parts) : parts_(std::move(parts)) {}

  Result<void> load(const model::ModelName& name, std::string_view principal) override;
  Result<void> unload(const model::ModelName& name, std::string_view principal) override;

 private:
  Result<model::VersionNumber> choose(const model::ModelName& name);
  Result<void> wait_until_served(const model::ModelName& name, model::VersionNumber version);
  Result<void> wait_until_gone(const model::ModelName& name);

  Parts parts_;
};

}  // namespace slipway::api_oip
