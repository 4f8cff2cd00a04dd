#include "adapter/package_reader/model_archive.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapter/package_reader/entry_path.h"
#include "base/text.h"
#include "domain/model/name.h"

namespace slipway::package_reader {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;
constexpr std::size_t kLongestText = 1024;
constexpr std::string_view kModel = "model";

Error wrong(std::string_view key, const std::string& message) {
  return invalid_input(std::string(kArchiveManifestFile) + ": " + std::string(key) + ": " + message);
}

// Of one key; "": absent or null. Numbers, as versions are sometimes written, read as their text.
Result<std::string> text_of(const json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::string();
  std::string text = found->is_number() ? found->dump() : "";
  if (found->is_string()) text = found->get<std::string>();
  const bool is_text = found->is_number() || found->is_string();
  if (!is_text) return wrong(key, std::string("expected a text, found ") + found->type_name());
  if (text.size() <= kLongestText && is_valid_utf8(text) && !has_control_characters(text)) return text;
  return wrong(key, "expected at most " + std::to_string(kLongestText) + " bytes without control characters, found \"" +
                        printable(text) + "\"");
}

Result<json> parsed(std::string_view text) {
  const auto not_too_deep = [](int depth, json::parse_event_t, const json&) { return depth <= kDeepest; };
  json whole = json::parse(text, not_too_deep, false);
  if (whole.is_object()) return whole;
  return invalid_input(std::string(kArchiveManifestFile) + ": expected a JSON object, found " +
                       (whole.is_discarded() ? "something else" : whole.type_name()));
}

Result<void> take_labels(const json& object, std::span<const std::pair<const char*, const char*>> keys,
                         model::Manifest& manifest) {
  for (const auto& [key, label] : keys) {
    std::string text = TRY(text_of(object, key));
    if (!text.empty()) manifest.labels["torchserve." + std::string(label)] = std::move(text);
  }
  return {};
}

}  // namespace

Result<void> import_model_archive(std::string_view text, std::span<const model::PackageFile> files,
                                  model::Manifest& manifest) {
  static constexpr std::array<std::pair<const char*, const char*>, 3> kOfArchive = {
      {{"runtime", "runtime"}, {"archiverVersion", "archiver_version"}, {"createdOn", "created"}}};
  static constexpr std::array<std::pair<const char*, const char*>, 4> kOfModel = {
      {{"handler", "handler"},
       {"modelVersion", "model_version"},
       {"modelFile", "model_file"},
       {"requirementsFile", "requirements_file"}}};
  const json whole = TRY(parsed(text));
  const auto found = whole.find(kModel);
  if (found == whole.end() || !found->is_object()) return wrong(kModel, "expected an object, which says what it holds");
  manifest.format = "torchserve";
  TRY(take_labels(whole, kOfArchive, manifest));
  TRY(take_labels(*found, kOfModel, manifest));
  std::string name = TRY(text_of(*found, "modelName"));
  if (model::ModelName::parse(name)) manifest.name = std::move(name);
  manifest.main_file = TRY(text_of(*found, "serializedFile"));
  if (manifest.main_file.empty()) return {};  // the handler makes the model by itself
  if (const auto path = check_entry_path(manifest.main_file); !path) {
    return wrong("model.serializedFile", path.error().message);
  }
  if (std::ranges::find(files, manifest.main_file, &model::PackageFile::path) != files.end()) return {};
  return wrong("model.serializedFile",
               "expected a file of the archive, found \"" + printable(manifest.main_file) + "\"");
}

}  // namespace slipway::package_reader
