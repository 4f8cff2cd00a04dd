// ImportRecords: what was taken from the repository, kept in a file so that a start takes nothing twice.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "domain/model/name.h"

namespace slipway::triton_repository {

struct VersionRecord {
  Digest stamp;                     // of what was taken, or refused
  model::VersionNumber number = 0;  // the registry's of what was taken last; 0: nothing
  std::string reason;               // why what is there now was not taken; empty: it was
  bool operator==(const VersionRecord&) const = default;
};

struct ImportRecord {
  Digest stamp;                                            // of the folder when it was looked at last
  std::string reason;                                      // why nothing of it was taken then, or that it was unloaded
  bool from_request = false;                               // its files came with a load: there is no folder
  std::vector<model::VersionNumber> deployed;              // registry's numbers, the newest of the repository first
  std::map<model::VersionNumber, VersionRecord> versions;  // by the number of the folder
  bool operator==(const ImportRecord&) const = default;
};

using ImportRecords = std::map<std::string, ImportRecord>;  // by model

// docs/formats/triton-repository.md. Corrupt: it is no such file.
std::string write_records(const ImportRecords& records);
Result<ImportRecords> read_records(std::string_view text);

// The file as a whole; one that is not there holds none. save() replaces it in one step. Block. Unavailable.
Result<ImportRecords> load_records(const std::string& path);
Result<void> save_records(const ImportRecords& records, const std::string& path);

}  // namespace slipway::triton_repository
