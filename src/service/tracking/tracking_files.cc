// The part of Tracking that keeps files.
#include "base/text.h"
#include "domain/training/rules.h"
#include "service/tracking/tracking.h"

namespace slipway::tracking {
namespace {

using training::File;

constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kMostListed = 10'000;
constexpr char kAfterAnyText = '\xff';  // no UTF-8 has it, so that it sorts behind everything

class Upload final : public FileUpload {
 public:
  Upload(const Tracking::Parts& parts, EntryKey key, File file, std::unique_ptr<ports::ArtifactWriter> writer)
      : parts_(parts), key_(std::move(key)), file_(std::move(file)), writer_(std::move(writer)) {}

  Result<void> write(ByteSpan bytes) override {
    file_.size += bytes.size();
    return writer_->write(bytes);
  }
  Result<void> finish() override {
    const auto hold = parts_.hold_artifacts();  // until an entry refers to it
    file_.digest = TRY(writer_->finish());
    return parts_.store.commit({ports::PutFile{key_, file_}});
  }

 private:
  const Tracking::Parts& parts_;
  const EntryKey key_;
  File file_;
  std::unique_ptr<ports::ArtifactWriter> writer_;
};

Result<void> check_folder(const std::string& folder) {
  return folder.empty() ? Result<void>() : training::check_path(folder);
}

}  // namespace

Result<std::unique_ptr<FileUpload>> Tracking::upload(const EntryKey& key, const std::string& path, std::string by) {
  TRY(training::check_path(path));
  TRY(active(key));
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (TRY(parts_.store.file(key, std::string_view(path).substr(0, slash)))) {
      return invalid_input("\"" + printable(path) + "\" cannot lie in \"" + printable(path.substr(0, slash)) +
                           "\": that is a file");
    }
  }
  if (!TRY(parts_.store.files(key, path + "/", "", 1)).empty()) {
    return invalid_input("\"" + printable(path) + "\" cannot be a file: it is a folder");
  }
  auto writer = TRY(parts_.artifacts.create());
  File file{.path = path, .size = 0, .digest = {}, .put_by = std::move(by)};
  return std::unique_ptr<FileUpload>(std::make_unique<Upload>(parts_, key, std::move(file), std::move(writer)));
}

Result<File> Tracking::file(const EntryKey& key, const std::string& path) {
  TRY(stored(key));
  auto found = TRY(parts_.store.file(key, path));
  if (found) return *std::move(found);
  return not_found(std::string(name_of(key.kind)) + " " + key.id + " has no file \"" + printable(path) + "\"");
}

Result<std::unique_ptr<ports::Content>> Tracking::content(const EntryKey& key, const std::string& path) {
  const auto hold = parts_.read_artifacts();
  return parts_.artifacts.content(TRY(file(key, path)).digest);
}

Result<std::vector<Listed>> Tracking::list(const EntryKey& key, const std::string& folder) {
  TRY(check_folder(folder));
  TRY(stored(key));
  std::vector<Listed> found;
  if (!folder.empty()) {
    if (auto file = TRY(parts_.store.file(key, folder))) return std::vector<Listed>{{*std::move(file)}};
  }
  const std::string prefix = folder.empty() ? "" : folder + "/";
  std::string after;
  while (found.size() < kMostListed) {
    const auto page = TRY(parts_.store.files(key, prefix, after, kAtOnce));
    for (const File& file : page) {
      if (file.path <= after) continue;  // of a folder that was listed a moment ago
      after = file.path;
      const std::size_t slash = file.path.find('/', prefix.size());
      if (slash == std::string::npos) {
        found.push_back({file});
      } else {
        found.push_back(
            {.file = {.path = file.path.substr(0, slash), .size = 0, .digest = {}, .put_by = {}}, .is_folder = true});
        after = file.path.substr(0, slash + 1) + kAfterAnyText;
      }
    }
    if (page.size() < kAtOnce) return found;
  }
  return invalid_input("\"" + printable(folder) + "\" holds more than " + std::to_string(kMostListed) +
                       " files and folders: list them folder by folder");
}

Result<std::vector<File>> Tracking::files(const EntryKey& key, const std::string& folder, std::size_t most) {
  TRY(check_folder(folder));
  TRY(stored(key));
  if (!folder.empty()) {
    if (auto file = TRY(parts_.store.file(key, folder))) return std::vector<File>{*std::move(file)};
  }
  auto found = TRY(parts_.store.files(key, folder.empty() ? "" : folder + "/", "", most + 1));
  if (found.size() <= most) return found;
  return invalid_input("\"" + printable(folder) + "\" holds more than " + std::to_string(most) + " files");
}

Result<void> Tracking::remove_files(const EntryKey& key, const std::string& path) {
  TRY(check_folder(path));
  TRY(active(key));
  while (true) {
    std::vector<ports::TrackingChange> changes;
    for (const File& file : TRY(parts_.store.files(key, path.empty() ? "" : path + "/", "", kAtOnce))) {
      changes.emplace_back(ports::RemoveFile{key, file.path});
    }
    const bool is_last = changes.size() < kAtOnce;
    if (is_last && !path.empty()) changes.emplace_back(ports::RemoveFile{key, path});
    if (!changes.empty()) TRY(parts_.store.commit(changes));
    if (is_last) return {};
  }
}

}  // namespace slipway::tracking
