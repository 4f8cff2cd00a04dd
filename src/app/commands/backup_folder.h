// BackupFolder: where a backup is kept, and the manifest that makes it one. docs/formats/backup.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands/durable_file.h"
#include "base/descriptor.h"
#include "base/result.h"

namespace slipway::app {

struct BackupFile {
  std::string name;  // below the snapshot: registry.db, tls/ca.crt
  FileFacts facts;
};
// Whether a manifest may name it: letters, digits and `._-`, at most in tls/.
bool is_plain(std::string_view name);

// A place in a registry's history: another registry's, or one from before a restore, does not have it.
struct HistoryPlace {
  Digest registry;  // the hash of event 1, which no other registry has
  std::uint64_t sequence = 0;
  Digest hash;
};

// What the manifest says: written last, so that a folder with one holds all that it names.
struct BackupManifest {
  std::string created_at;  // RFC 3339
  std::string version;     // of the slipway that wrote it
  std::string snapshot;    // the folder of `files`
  std::vector<BackupFile> files;
  std::uint64_t artifacts = 0, artifact_bytes = 0;
  bool has_secrets = false;
  std::optional<HistoryPlace> history = {};  // the newest event; none: the registry had none
};

// One thread. Its lock goes with it.
class BackupFolder {
 public:
  // For a backup: creates the folder (0700) if it is not there; nobody else may read or write it meanwhile. Conflict:
  // somebody does, or the folder holds something else.
  static Result<BackupFolder> open_to_write(const std::string& path);
  // For a restore. NotFound: there is no folder.
  static Result<BackupFolder> open_to_read(const std::string& path);

  // None: no backup was ever finished here. Corrupt: it is no manifest of ours.
  Result<std::optional<BackupManifest>> manifest() const;
  // Only one that can be read again: else Corrupt, and the earlier one stays.
  Result<void> put_manifest(const BackupManifest& manifest) const;
  // What backups that were cut off, or are older than the manifest, have left.
  Result<void> remove_other_snapshots(const std::string& kept) const;

  const std::string& path() const { return path_; }
  std::string artifacts() const { return path_ + "/artifacts"; }

 private:
  BackupFolder(std::string path, Descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  Descriptor lock_;  // none: the folder cannot be written
};

}  // namespace slipway::app
