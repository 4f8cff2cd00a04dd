// LoadGuard: the registry's word to serving, for the environment of this server.
#pragma once

#include <string>
#include <utility>

#include "ports/version_guard.h"
#include "service/registry/registry.h"

namespace slipway::registry {

// Any thread; blocks. The registry outlives it.
class LoadGuard final : public ports::VersionGuard {
 public:
  LoadGuard(Registry& registry, std::string environment) : registry_(registry), environment_(std::move(environment)) {}
  Result<void> may_load(const model::ModelVersion& version) override {
    return registry_.may_load(environment_, version);
  }

 private:
  Registry& registry_;
  const std::string environment_;
};

}  // namespace slipway::registry
