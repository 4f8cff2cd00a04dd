// RepositoryControl: what index, load and unload mean here: a change of desired serving, and waiting until it is so.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model/name.h"
#include "ports/model_repository.h"
#include "ports/predictor.h"
#include "service/registry/registry.h"

namespace slipway::api_oip {

// One line of the index.
struct IndexEntry {
  std::string model;
  model::VersionNumber version = 0;  // as clients call it; 0: the model as a whole
  ports::ServedState::State state = ports::ServedState::State::Unavailable;
  std::string reason;
};

// Any thread; load and unload block.
class RepositoryControl {
 public:
  virtual ~RepositoryControl() = default;
  // NotFound: no such model or no validated version. Unavailable: it did not load; the text says why. Unimplemented:
  // overrides, and there is no model repository to keep them in.
  virtual Result<void> load(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                            std::string_view principal) = 0;
  // NotFound: nothing of it is deployed. Overloaded: the repository is busy with other models.
  virtual Result<void> unload(const model::ModelName& name, std::string_view principal) = 0;
  // From snapshots.
  virtual std::vector<IndexEntry> index() const = 0;
  virtual bool is_ready() const = 0;  // what the repository held at the start is served, or has failed
};

// What every protocol answers: everything desired at the start is served or has failed, and so has the repository's.
inline bool is_server_ready(const ports::Predictor& predictor, const RepositoryControl& repository) {
  return predictor.is_ready() && repository.is_ready();
}

// Deploys through the registry to one environment: what the repository holds, where there is one and it has the model;
// else what the alias `production` points to where that is the environment, else the newest validated version.
class RegistryControl final : public RepositoryControl {
 public:
  struct Parts {
    registry::Registry& registry;
    const ports::Predictor& predictor;
    const Clock& clock;
    std::string environment;
    ports::ModelRepository* repository = nullptr;  // null: there is none
    Duration allowed = std::chrono::seconds(60);   // for a version to load, or to go
  };
  explicit RegistryControl(Parts parts) : parts_(std::move(parts)) {}

  Result<void> load(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                    std::string_view principal) override;
  Result<void> unload(const model::ModelName& name, std::string_view principal) override;
  std::vector<IndexEntry> index() const override;
  bool is_ready() const override;

 private:
  Result<model::VersionNumber> choose(const model::ModelName& name);
  Result<model::TrafficSplit> deploy(const model::ModelName& name, const ports::RepositoryOverrides& overrides,
                                     std::string_view principal);
  Result<void> wait_until_served(const model::ModelName& name, model::VersionNumber version);
  Result<void> wait_until_gone(const model::ModelName& name);

  Parts parts_;
  mutable std::atomic<bool> was_ready_{false};
};

}  // namespace slipway::api_oip
