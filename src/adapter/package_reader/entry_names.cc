#include "adapter/package_reader/entry_names.h"

#include "adapter/package_reader/entry_path.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

Error clash(std::string_view path, std::string_view other, std::string_view what) {
  return invalid_input("entry \"" + printable(path) + "\": " + std::string(what) + " \"" + printable(other) + "\"");
}

}  // namespace

Result<void> EntryNames::add(const std::string& path, bool is_folder) {
  TRY(check_entry_path(path));
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    const auto [at, is_new] = uses_.try_emplace(case_fold(parent), Use{parent, true, false});
    if (!at->second.is_folder) return clash(path, at->second.path, "it lies in the file");
    if (at->second.path != parent) return clash(path, at->second.path, "its folder differs only by case from");
  }
  const auto [at, is_new] = uses_.try_emplace(case_fold(path), Use{path, is_folder, true});
  if (is_new) return {};
  Use& use = at->second;
  if (use.path != path) return clash(path, use.path, "it differs only by case from");
  if (use.is_folder != is_folder) return clash(path, use.path, "it is a file and a folder, with");
  if (use.is_declared) return clash(path, use.path, "it is there twice, as");
  use.is_declared = true;
  return {};
}

void strip_common_folder(std::vector<model::PackageFile>& files) {
  if (files.empty()) return;
  const std::size_t slash = files.front().path.find('/');
  if (slash == std::string::npos) return;
  const std::string folder = files.front().path.substr(0, slash + 1);
  for (const model::PackageFile& file : files) {
    if (!file.path.starts_with(folder)) return;
  }
  for (model::PackageFile& file : files) file.path.erase(0, folder.size());
}

}  // namespace slipway::package_reader
