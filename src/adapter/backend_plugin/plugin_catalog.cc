#include "adapter/backend_plugin/plugin_catalog.h"

#include <cstdlib>
#include <filesystem>

#include "base/text.h"

namespace slipway::backend_plugin {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::vector<std::string> default_search_path() {
  std::vector<std::string> path;
  if (const char* said = std::getenv("SLIPWAY_BACKENDS"); said != nullptr && *said != '\0') {
    std::string_view rest = said;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(':'), rest.size());
      if (end != 0) path.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return path;
  }
  std::error_code unreadable;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  if (unreadable) return path;
  const auto folder = executable.parent_path();
  path.push_back((folder / "backends").string());
  path.push_back((folder.parent_path() / "lib/slipway/backends").string());
  return path;
}

PluginCatalog::PluginCatalog(std::vector<FormatEntry> formats, std::vector<std::string> search_path)
    : formats_(std::move(formats)), search_path_(std::move(search_path)) {}

Result<ports::Backend*> PluginCatalog::find(std::string_view format) {
  const FormatEntry* entry = nullptr;
  std::vector<std::string> known;
  for (const FormatEntry& candidate : formats_) {
    known.push_back(candidate.format);
    if (candidate.format == format) entry = &candidate;
  }
  if (entry == nullptr) {
    return not_found("format \"" + printable(format) +
                     "\" needs a backend that is not there yet; there are backends for " + listed(known));
  }
  auto opened = opened_.lock();
  for (const Opened& plugin : *opened) {
    if (plugin.plugin == entry->plugin) return plugin.backend.get();
  }
  const std::string file = "slipway_backend_" + entry->plugin + ".so";
  for (const std::string& folder : search_path_) {
    const auto path = std::filesystem::path(folder) / file;
    std::error_code unreadable;
    if (!std::filesystem::exists(path, unreadable)) continue;
    auto backend = TRY(PluginBackend::open(path.string()));
    opened->push_back({entry->plugin, std::move(backend)});
    return opened->back().backend.get();
  }
  return unavailable("format \"" + entry->format + "\" needs the plugin " + file +
                     ", which is in none of: " + listed(search_path_));
}

}  // namespace slipway::backend_plugin
