#include "app/commands/backup_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace slipway::app {
namespace {

using nlohmann::json;
namespace files = std::filesystem;

constexpr const char* kManifest = "backup.json";
constexpr const char* kLock = "backup.lock";
constexpr std::string_view kSnapshots = "snapshot-";
constexpr int kFormat = 1;
constexpr std::size_t kLargestManifest = 1 << 20;

Result<Descriptor> lock(const std::string& path, int access, int kind) {
  const std::string name = path + "/" + kLock;
  Descriptor file(::open(name.c_str(), access | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return unavailable("cannot open " + name + ": " + std::generic_category().message(errno));
  if (::flock(file.fd(), kind | LOCK_NB) != 0) return conflict(path + " is in use by another backup or restore");
  return file;
}

}  // namespace

// A manifest may come from anywhere: no name of it leads out of its folder.
bool is_plain(std::string_view name) {
  const auto is_plain_part = [](std::string_view part) {
    return !part.empty() && part.size() <= 64 && part.front() != '.' &&
           part.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               std::string_view::npos;
  };
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return is_plain_part(name);
  return name.substr(0, slash) == "tls" && is_plain_part(name.substr(slash + 1));
}

namespace {

Result<BackupManifest> parse(const std::string& text) {
  const json read = json::parse(text, nullptr, false);
  if (!read.is_object()) return corrupt("expected a JSON object");
  if (read.at("format").get<int>() != kFormat) {
    return invalid_input("expected format " + std::to_string(kFormat) + ", found " + read.at("format").dump() +
                         ": it was written by a newer slipway");
  }
  BackupManifest manifest{.created_at = read.at("created_at"),
                          .version = read.at("slipway"),
                          .snapshot = read.at("snapshot"),
                          .files = {},
                          .artifacts = read.at("artifacts").at("count"),
                          .artifact_bytes = read.at("artifacts").at("bytes"),
                          .has_secrets = read.at("secrets")};
  if (!is_plain(manifest.snapshot) || !manifest.snapshot.starts_with(kSnapshots)) {
    return corrupt("snapshot: expected the name of a folder, found " + printable(manifest.snapshot));
  }
  for (const json& file : read.at("files")) {
    BackupFile one{file.at("name"), {file.at("size"), {}}};
    if (!is_plain(one.name)) return corrupt("files: expected a plain name, found " + printable(one.name));
    one.facts.digest = TRY(parse_digest(file.at("sha256").get<std::string>()));
    manifest.files.push_back(std::move(one));
  }
  if (read.contains("history")) {
    const json& history = read.at("history");
    HistoryPlace place{.registry = {}, .sequence = history.at("sequence"), .hash = {}};
    place.registry = TRY(parse_digest(history.at("registry").get<std::string>()));
    place.hash = TRY(parse_digest(history.at("hash").get<std::string>()));
    manifest.history = place;
  }
  return manifest;
}

Result<BackupManifest> read_manifest(const std::string& text) {
  if (text.size() > kLargestManifest) return corrupt("expected at most 1 MiB");
  try {
    return parse(text);
  } catch (const json::exception& problem) {
    return corrupt(printable(problem.what()));
  }
}

}  // namespace

Result<BackupFolder> BackupFolder::open_to_write(const std::string& path) {
  TRY(ensure_private_folder(path));
  std::error_code failure;
  const bool is_ours = files::exists(path + "/" + kLock, failure);
  if (!is_ours && !files::is_empty(path, failure)) {
    return conflict(printable(path) + (failure ? ": " + failure.message()
                                               : " is not empty and holds no backup: expected a new or empty folder"));
  }
  auto held = TRY(lock(path, O_RDWR | O_CREAT, LOCK_EX));
  return BackupFolder(path, std::move(held));
}

Result<BackupFolder> BackupFolder::open_to_read(const std::string& path) {
  std::error_code failure;
  if (!files::is_directory(path, failure)) return not_found("there is no folder " + printable(path));
  if (!files::exists(path + "/" + kLock, failure)) return BackupFolder(path, Descriptor());  // a copy of a backup
  auto held = TRY(lock(path, O_RDONLY, LOCK_SH));
  return BackupFolder(path, std::move(held));
}

Result<std::optional<BackupManifest>> BackupFolder::manifest() const {
  const std::string name = path_ + "/" + kManifest;
  std::error_code failure;
  if (!files::exists(name, failure)) return std::optional<BackupManifest>();
  std::string text(kLargestManifest + 1, '\0');
  std::ifstream file(name, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.eof()) return corrupt(name + ": expected a file of at most 1 MiB that can be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto parsed = read_manifest(text);
  if (!parsed.ok()) return std::move(parsed).error().within(name);
  return std::optional(std::move(parsed).value());
}

Result<void> BackupFolder::put_manifest(const BackupManifest& manifest) const {
  json written{{"format", kFormat},
               {"created_at", manifest.created_at},
               {"slipway", manifest.version},
               {"snapshot", manifest.snapshot},
               {"files", json::array()},
               {"artifacts", {{"count", manifest.artifacts}, {"bytes", manifest.artifact_bytes}}},
               {"secrets", manifest.has_secrets}};
  for (const BackupFile& file : manifest.files) {
    written["files"].push_back({{"name", file.name}, {"size", file.facts.size}, {"sha256", file.facts.digest.hex()}});
  }
  if (manifest.history) {
    written["history"] = {{"registry", manifest.history->registry.hex()},
                          {"sequence", manifest.history->sequence},
                          {"hash", manifest.history->hash.hex()}};
  }
  const std::string text = written.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  if (auto readable = read_manifest(text); !readable.ok()) return std::move(readable).error().within(kManifest);
  return replace_file(path_, kManifest, text);
}

Result<void> BackupFolder::remove_other_snapshots(const std::string& kept) const {
  std::error_code failure;
  std::vector<files::path> others;
  for (const auto& entry : files::directory_iterator(path_, failure)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kSnapshots) && name != kept) others.push_back(entry.path());
  }
  for (const files::path& other : others) {
    if (!failure) files::remove_all(other, failure);
  }
  if (failure) return unavailable("cannot tidy up " + path_ + ": " + failure.message());
  return {};
}

}  // namespace slipway::app
