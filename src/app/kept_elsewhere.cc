#include "app/kept_elsewhere.h"

#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace slipway::app {
namespace {

constexpr std::string_view kRecords = "records: PostgreSQL";
constexpr std::string_view kArtifacts = "artifacts: S3";
constexpr int kMostLines = 16;

bool exists(const std::string& path) {
  std::error_code failure;
  return std::filesystem::exists(path, failure) || failure;
}

}  // namespace

std::string KeptElsewhere::text() const {
  std::string text;
  if (records) text.append(kRecords).append("\n");
  if (artifacts) text.append(kArtifacts).append("\n");
  return text;
}

std::string KeptElsewhere::places() const {
  if (records && artifacts) return "PostgreSQL and S3";
  return records ? "PostgreSQL" : artifacts ? "S3" : "";
}

Result<KeptElsewhere> kept_elsewhere_of(const std::string& directory) {
  const std::string path = directory + "/" + kKeptElsewhere;
  KeptElsewhere kept;
  if (!exists(path)) return kept;
  std::ifstream file(path);
  std::string line;
  for (int count = 0; count < kMostLines && std::getline(file, line); ++count) {
    if (line == kRecords) {
      kept.records = true;
    } else if (line == kArtifacts) {
      kept.artifacts = true;
    } else {
      return unavailable(printable(path) + ": expected \"" + std::string(kRecords) + "\" or \"" +
                         std::string(kArtifacts) + "\", found \"" + printable(line) + "\"");
    }
  }
  if (kept.nothing()) return unavailable("cannot read " + printable(path) + ", or it is empty");
  return kept;
}

Result<void> expect_same_keeper(const std::string& directory, const KeptElsewhere& now) {
  const auto before = TRY(kept_elsewhere_of(directory));
  if (before.records == now.records) return {};
  if (now.records) {
    if (!exists(directory + "/registry.db")) return {};
    return conflict("database: " + printable(directory) +
                    "/registry.db keeps a registry, and this server would remove its artifacts, which the one in "
                    "PostgreSQL does not know: choose another data directory, or move registry.db away if it is "
                    "needed no more");
  }
  return conflict("database: expected the URL of PostgreSQL, found none: the registry of " + printable(directory) +
                  " is there, and a server without it would remove the artifacts that it needs. If it is needed no "
                  "more, remove " +
                  printable(directory) + "/" + kKeptElsewhere);
}

}  // namespace slipway::app
