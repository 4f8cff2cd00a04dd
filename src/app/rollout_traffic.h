// RolloutTraffic: what rollouts see and change of what is served, over the registry.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ports/metadata_store.h"
#include "ports/predictor.h"
#include "ports/traffic_control.h"
#include "service/registry/registry.h"

namespace slipway::app {

// Owned by the house. Any thread. Whether a version can be loaded is known of this server's own environment alone.
class RolloutTraffic final : public ports::TrafficControl {
 public:
  struct Parts {
    registry::Registry& registry;
    ports::MetadataStore& metadata;
    const ports::Predictor& predictor;
    std::string environment;
    // What requests are told apart by while that rollout splits them.
    std::function<Result<model::Slicing>(std::uint64_t rollout)> slicing;
  };
  explicit RolloutTraffic(Parts parts) : parts_(std::move(parts)) {}

  Result<ports::ServedTraffic> served(std::string_view environment, const model::ModelName& model) override;
  Result<void> expect_servable(const model::ModelName& model, model::VersionNumber version) override;
  Result<void> serve(const rollout::Rollout& rollout, const rollout::Traffic& traffic, std::uint64_t expected,
                     std::uint64_t number) override;
  bool can_mirror() const override { return true; }
  Result<void> approve(const rollout::Rollout& rollout, const rollout::Person& person, std::uint64_t number) override;
  Result<void> expect_approved(const rollout::Rollout& rollout) override;

 private:
  Result<std::optional<ports::Stored<model::DesiredServing>>> desired(std::string_view environment,
                                                                      const model::ModelName& model) const;
  std::string failure_of(const model::DesiredServing& desired) const;
  const Parts parts_;
};

}  // namespace slipway::app
