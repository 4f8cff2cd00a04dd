// PluginCatalog: which plugin serves which format, found on a search path and opened when first needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/backend_plugin/plugin_backend.h"
#include "base/guarded.h"
#include "ports/backend.h"

namespace slipway::backend_plugin {

// One line of app/catalog.cc: manifests that say `format` are served by slipway_backend_<plugin>.so.
struct FormatEntry {
  std::string format;
  std::string plugin;
};

// The folders plugins are looked for in, best first: $SLIPWAY_BACKENDS (':'-separated) when set and nothing else; else
// "backends" next to the executable, then "../lib/slipway/backends" from there (an installation).
std::vector<std::string> default_search_path();

// Any thread. find() blocks while a plugin is opened for the first time; one that did not open is tried again.
class PluginCatalog final : public ports::BackendCatalog {
 public:
  PluginCatalog(std::vector<FormatEntry> formats, std::vector<std::string> search_path);
  Result<ports::Backend*> find(std::string_view format) override;

 private:
  struct Opened {
    std::string plugin;
    std::unique_ptr<PluginBackend> backend;
  };
  const std::vector<FormatEntry> formats_;
  const std::vector<std::string> search_path_;
  Guarded<std::vector<Opened>> opened_;
};

}  // namespace slipway::backend_plugin
