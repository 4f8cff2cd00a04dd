#include "adapter/api_mlflow/model_source.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/artifact_place.h"
#include "base/text.h"

namespace slipway::api_mlflow {
namespace {

using training::EntryKey;
using training::Kind;

constexpr std::size_t kMostFiles = 4096;
constexpr std::string_view kVersions = "versions/";

Error refused(const std::string& text, std::string_view why) {
  return invalid_input("Invalid model version source: '" + printable(text) +
                       "'. Expected artifacts of this server (runs:/RUN/PATH, "
                       "models:/m-ID, models:/NAME/VERSION or mlflow-artifacts:/...): " +
                       std::string(why));
}

// All files of one place, by their paths inside it, into the source; a single file keeps its name.
Result<void> take_files(Call& call, const EntryKey& of, const std::string& folder, Source& source) {
  for (training::File& file : TRY(call.tracking().files(of, folder, kMostFiles))) {
    std::string path = file.path == folder ? file.path.substr(file.path.rfind('/') + 1)
                                           : file.path.substr(folder.empty() ? 0 : folder.size() + 1);
    source.files.push_back({.path = std::move(path), .size = file.size, .digest = file.digest});
    source.makers.push_back(std::move(file.put_by));
  }
  return {};
}

Result<Source> of_place(Call& call, const std::string& text, const EntryKey& of, const std::string& path,
                        const std::string& run) {
  TRY(call.reach().expect(of, Use::Look));
  const auto entry = call.tracking().entry(of);
  if (!entry && entry.error().code == ErrorCode::NotFound) return refused(text, entry.error().message);
  const training::Entry found = TRY(entry);
  const std::string made_by = of.kind == Kind::Run ? of.id : found.source_run;
  if (!run.empty() && !made_by.empty() && run != made_by)
    return refused(text, "it belongs to run " + made_by + ", not to run " + printable(run));
  Source source{.text = text, .run = made_by, .files = {}, .makers = {found.owner}};
  if (const auto taken = take_files(call, of, path, source); !taken) return refused(text, taken.error().message);
  if (source.files.empty()) return refused(text, "there is nothing");
  if (of.kind == Kind::Run || made_by.empty()) return source;
  const auto run_of_it = call.tracking().entry({Kind::Run, made_by});
  if (run_of_it) source.makers.push_back(run_of_it->owner);
  if (!run_of_it && run_of_it.error().code != ErrorCode::NotFound) return run_of_it.error();
  return source;
}

Result<Source> of_version(Call& call, const std::string& text, const model::ModelName& name,
                          model::VersionNumber number) {
  TRY(call.reach().expect(name));
  const auto version = call.registry().version(name, number);
  if (!version && version.error().code == ErrorCode::NotFound) return refused(text, version.error().message);
  const model::ModelVersion found = TRY(version);
  const auto notes = TRY(call.registry().notes(name, number));
  Source source{.text = text, .run = notes.record.run_id, .files = found.files, .makers = found.makers};
  source.makers.push_back(found.created_by);
  return source;
}

}  // namespace

Result<Source> resolve_source(Call& call, const std::string& text, const std::string& run) {
  // Decoded by nobody: what would mean something else once decoded is refused as it stands.
  if (text.size() > model::kLongestSource) return refused(text, "it is too long");
  if (!is_valid_utf8(text) || has_control_characters(text)) return refused(text, "it is no plain text");
  if (text.find("..") != std::string::npos || text.find('%') != std::string::npos ||
      text.find('\\') != std::string::npos || text.find_first_of("?#") != std::string::npos) {
    return refused(text, "\"..\", %, \\, ? and # have no place there");
  }
  const std::string_view view = text;
  constexpr std::string_view kRuns = "runs:/";
  constexpr std::string_view kModels = "models:/";
  if (view.starts_with(kRuns)) {
    const std::string_view rest = view.substr(kRuns.size());
    const std::size_t slash = rest.find('/');
    const std::string path(slash == std::string_view::npos ? "" : rest.substr(slash + 1));
    return of_place(call, text, {Kind::Run, std::string(rest.substr(0, slash))}, path, run);
  }
  if (view.starts_with(kModels)) {
    const std::string_view rest = view.substr(kModels.size());
    if (is_id(Kind::Model, rest)) return of_place(call, text, {Kind::Model, std::string(rest)}, "", run);
    const std::size_t slash = rest.find('/');
    const auto name = model::ModelName::parse(rest.substr(0, slash));
    const auto number = slash == std::string_view::npos ? std::nullopt : model::parse_version(rest.substr(slash + 1));
    if (name && number) return of_version(call, text, *name, *number);
    return refused(text, "neither a logged model nor a version");
  }
  const auto proxied = proxied_path_of(text);
  if (!proxied) return refused(text, "another scheme, host or a path of a disk");
  if (const auto place = parse_version_place(*proxied); place && place->path.empty()) {
    return of_version(call, text, place->name, place->number);
  }
  const auto place = parse_place(*proxied);
  if (!place) return refused(text, "no run and no logged model");
  TRY(call.reach().expect(place->of, Use::Look));
  const auto entry = call.tracking().entry(place->of);
  if (entry && entry->experiment != place->experiment) return refused(text, "it belongs to another experiment");
  return of_place(call, text, place->of, place->path, run);
}

std::string version_uri(const model::ModelName& name, model::VersionNumber number) {
  return "mlflow-artifacts:/" + std::string(kVersions) + to_hex(as_bytes(name.text())) + "/" + std::to_string(number);
}

std::optional<VersionPlace> parse_version_place(std::string_view path) {
  if (!path.starts_with(kVersions)) return std::nullopt;
  path.remove_prefix(kVersions.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash % 2 != 0) return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < slash; i += 2) {
    unsigned byte = 0;
    const auto read = std::from_chars(path.data() + i, path.data() + i + 2, byte, 16);
    if (read.ec != std::errc{} || read.ptr != path.data() + i + 2) return std::nullopt;
    text += static_cast<char>(byte);
  }
  path.remove_prefix(slash + 1);
  const std::size_t end = path.find('/');
  const auto name = model::ModelName::parse(text);
  const auto number = model::parse_version(path.substr(0, end));
  if (!name || !number) return std::nullopt;
  return VersionPlace{*name, *number, std::string(end == std::string_view::npos ? "" : path.substr(end + 1))};
}

}  // namespace slipway::api_mlflow
