// PluginBackend: an inference engine in a shared library, behind the backend ABI (docs/formats/backend-abi.md).
#pragma once

#include <memory>
#include <string>

#include "ports/backend.h"

struct slipway_backend;

namespace slipway::backend_plugin {

// Owned by the catalogue. The library stays loaded until the process ends: engines do not survive being unloaded.
class PluginBackend final : public ports::Backend {
 public:
  // Unavailable: no such file, no entry function, another major version, or the engine does not start here.
  static Result<std::unique_ptr<PluginBackend>> open(const std::string& path);

  std::string_view name() const override;
  std::string_view version() const override;
  std::string_view platform() const override;
  Result<std::shared_ptr<ports::LoadedModel>> load(const ports::LoadRequest& request) override;

 private:
  explicit PluginBackend(const slipway_backend& table) : table_(table) {}
  const slipway_backend& table_;
};

}  // namespace slipway::backend_plugin
