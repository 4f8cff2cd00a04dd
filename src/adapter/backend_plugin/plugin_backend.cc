#include "adapter/backend_plugin/plugin_backend.h"

#include <dlfcn.h>

#include <array>

#include "adapter/backend_plugin/plugin_model.h"

namespace slipway::backend_plugin {
namespace {

Error cannot_open(const std::string& path, const std::string& why) {
  return unavailable("backend plugin " + path + ": " + why);
}

// The struct as this host knows it must be there in full; members appended later are the plugin's business.
Result<void> check_table(const std::string& path, const slipway_backend& table) {
  if (table.abi_major != SLIPWAY_BACKEND_ABI_MAJOR) {
    return cannot_open(path, "expected ABI version " + std::to_string(SLIPWAY_BACKEND_ABI_MAJOR) + ".x, found " +
                                 std::to_string(table.abi_major) + "." + std::to_string(table.abi_minor));
  }
  if (table.struct_size < sizeof(slipway_backend)) {
    return cannot_open(path, "expected a table of at least " + std::to_string(sizeof(slipway_backend)) +
                                 " bytes, found " + std::to_string(table.struct_size));
  }
  if (!table.name || !table.version || !table.platform || !table.load || !table.signature || !table.execute ||
      !table.release || !table.unload) {
    return cannot_open(path, "a required member of its table is NULL");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<PluginBackend>> PluginBackend::open(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return cannot_open(path, dlerror());
  const auto entry = reinterpret_cast<slipway_backend_entry_fn>(dlsym(library, SLIPWAY_BACKEND_ENTRY));
  if (entry == nullptr) return cannot_open(path, "it does not export " SLIPWAY_BACKEND_ENTRY);
  ErrorText error;
  const slipway_backend* table = entry(SLIPWAY_BACKEND_ABI_MAJOR, SLIPWAY_BACKEND_ABI_MINOR, error.slot());
  if (table == nullptr) return cannot_open(path, "it does not start: " + error.text());
  TRY(check_table(path, *table));
  return std::unique_ptr<PluginBackend>(new PluginBackend(*table));
}

std::string_view PluginBackend::name() const {
  return table_.name;
}
std::string_view PluginBackend::version() const {
  return table_.version;
}
std::string_view PluginBackend::platform() const {
  return table_.platform;
}

Result<std::shared_ptr<ports::LoadedModel>> PluginBackend::load(const ports::LoadRequest& request) {
  std::vector<slipway_file> files;
  files.reserve(request.files.size());
  for (const ports::ModelFile& file : request.files) {
    files.push_back({file.path.c_str(), file.bytes.data(), file.bytes.size()});
  }
  if (request.main >= files.size()) {
    return invalid_input("expected the model file among " + std::to_string(files.size()) + " files, found index " +
                         std::to_string(request.main));
  }
  const slipway_load_request asked{
      sizeof(slipway_load_request), files.data(), files.size(), request.main, request.intra_op_threads, 0};
  slipway_model* model = nullptr;
  ErrorText error;
  if (const int status = table_.load(&asked, &model, error.slot()); status != SLIPWAY_OK) {
    return error_of(status, request.files[request.main].path + ": " + error.text());
  }
  if (model == nullptr) return internal_error(std::string(table_.name) + " loaded a model and gave none");
  return TRY(PluginModel::adopt(table_, model, request.declared));
}

}  // namespace slipway::backend_plugin
