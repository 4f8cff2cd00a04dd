// VersionLoader: from a version's record to a model that is loaded, checked and warm.
#pragma once

#include "ports/artifact_store.h"
#include "ports/metadata_store.h"
#include "ports/package_reader.h"
#include "ports/version_guard.h"
#include "service/serving/memory_budget.h"
#include "service/serving/served_version.h"

namespace slipway::serving {

// Any thread; load() blocks.
class VersionLoader {
 public:
  struct Parts {
    ports::MetadataStore& metadata;
    ports::ArtifactStore& artifacts;
    ports::PackageReader& packages;
    ports::BackendCatalog& backends;
    MemoryBudget& budget;
    const Clock& clock;
    ports::VersionGuard* guard = nullptr;  // none: every validated version may be loaded
  };
  explicit VersionLoader(const Parts& parts) : parts_(parts) {}

  // Asks the guard, then reads the files (each verified against its digest as it is read), loads them, compares the
  // signature and runs once. Errors say what is wrong with the version; Unavailable, Overloaded and a policy's
  // Conflict may pass, the others stay.
  Result<ServedVersion::Loaded> load(const model::ModelName& name, model::VersionNumber number) const;

 private:
  const Parts parts_;
};

}  // namespace slipway::serving
