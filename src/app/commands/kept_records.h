// KeptRecords: what a data directory keeps, opened without its server or beside it.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "adapter/artifacts_filesystem/artifact_folder.h"
#include "adapter/store_sqlite/database_file.h"
#include "base/digest.h"
#include "base/result.h"
#include "cli/command.h"

namespace slipway::app {

inline constexpr const char* kRegistryFile = "registry.db";
inline constexpr const char* kTrackingFile = "tracking.db";
inline constexpr const char* kDatasetsFile = "datasets.db";
inline constexpr const char* kRolloutsFile = "rollouts.db";

// All that stands for what a server keeps. Those after the first are missing where there was nothing to keep yet.
struct KeptDatabase {
  const char* name;
  store_sqlite::DatabaseFile::Holds holds;
  bool may_be_missing;
};
inline constexpr std::array kKeptDatabases = {
    KeptDatabase{kRegistryFile, store_sqlite::DatabaseFile::Holds::Registry, false},
    KeptDatabase{kTrackingFile, store_sqlite::DatabaseFile::Holds::Tracking, true},
    KeptDatabase{kDatasetsFile, store_sqlite::DatabaseFile::Holds::Datasets, true},
    KeptDatabase{kRolloutsFile, store_sqlite::DatabaseFile::Holds::Rollouts, true},
};
inline constexpr const char* kArtifactsFolder = "artifacts";

// --data, else SLIPWAY_DATA, else slipway-data.
std::string directory_of(const cli::Arguments& arguments);

// The directory of the server whose settings these are, for what takes its databases for all that is known of its
// artifacts. Conflict: the settings, or what the server left there, say that records or artifacts are elsewhere.
Result<std::string> whole_directory_of(const cli::Arguments& arguments);
// NotFound where the directory keeps no registry; says what may be meant instead, and where such data is backed up.
Result<void> expect_registry_in(const std::string& directory);
// What the command has to accept for it: --data and --config.
std::vector<cli::Option> directory_options();

// The artifacts that the databases of a folder need, with their sizes.
using Needed = std::map<Digest, std::uint64_t>;

// One thread.
struct KeptRecords {
  static Result<KeptRecords> open(const std::string& databases, store_sqlite::DatabaseFile::Server server);

  Result<Needed> needed();
  // "version 3 of model "fraud" (weights.bin), run 4711 (model/MLmodel), data set eval.csv"; empty: nothing does.
  Result<std::string> who_needs(const Digest& digest);

  std::vector<store_sqlite::DatabaseFile> databases;  // those that are there
};

}  // namespace slipway::app
