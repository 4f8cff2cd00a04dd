#include "adapter/package_reader/mlmodel.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "adapter/package_reader/entry_path.h"
#include "adapter/yaml/field.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

using yaml::Field;

constexpr std::size_t kLongestRunId = 500;
constexpr std::size_t kMostFlavours = 64;
constexpr std::string_view kPyfunc = "python_function";

// In the order in which they are looked for: every model has the last.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFlavours = {{{"sklearn", "sklearn"},
                                                                                     {"xgboost", "xgboost"},
                                                                                     {"lightgbm", "lightgbm"},
                                                                                     {"pytorch", "pytorch"},
                                                                                     {kPyfunc, "pyfunc"}}};

bool has_file(std::span<const model::PackageFile> files, std::string_view path) {
  return std::ranges::find(files, path, &model::PackageFile::path) != files.end();
}

Result<void> take_onnx(const Field& flavour, std::span<const model::PackageFile> files, model::Manifest& manifest) {
  manifest.format = "onnx";
  const auto path = flavour.find("data");
  if (!path) return {};  // of old releases: the one .onnx file
  manifest.main_file = TRY(path->text());
  TRY(check_entry_path(manifest.main_file));
  // A folder of a model with external data, whose .onnx file lies in it.
  if (!has_file(files, manifest.main_file)) manifest.main_file += "/model.onnx";
  if (has_file(files, manifest.main_file)) return {};
  return path->wrong("expected the path of a file of this folder, found \"" + printable(TRY(path->text())) + "\"");
}

}  // namespace

Result<void> import_mlmodel(std::string_view text, std::span<const model::PackageFile> files,
                            model::Manifest& manifest) {
  const yaml::Document document = TRY(yaml::parse(text, kMlmodelFile));
  const Field root(document, document.root, "");
  if (const auto run = root.find("run_id"); run && !run->is(yaml::Kind::Null)) {
    const std::string id = TRY(run->text());
    if (id.size() > kLongestRunId || has_control_characters(id)) return run->expected("a run's id");
    manifest.lineage.run_id = id;
  }
  const auto flavours = root.find("flavors");
  if (!flavours) return root.wrong("expected flavors, which say how the model is loaded; found none");
  TRY(flavours->entries(kMostFlavours));
  if (const auto onnx = flavours->find("onnx")) return take_onnx(*onnx, files, manifest);
  for (const auto& [flavour, format] : kFlavours) {
    if (!flavours->find(flavour)) continue;
    manifest.format = format;
    return {};
  }
  return flavours->wrong("expected one of onnx, sklearn, xgboost, lightgbm, pytorch and python_function");
}

}  // namespace slipway::package_reader
