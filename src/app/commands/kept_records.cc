#include "app/commands/kept_records.h"

#include <cstdlib>
#include <filesystem>

#include "app/commands/server_options.h"
#include "app/kept_elsewhere.h"
#include "base/text.h"

namespace slipway::app {
namespace {

using store_sqlite::DatabaseFile;

constexpr std::size_t kMostNamed = 3;
constexpr const char* kBackedUpElsewhere =
    "What a server keeps in PostgreSQL is backed up by pg_dump, or by the archive of its log; what it keeps in S3, by "
    "the bucket's own versions and replication";

Error elsewhere(const std::string& why) {
  return conflict(why + ". " + kBackedUpElsewhere);
}

}  // namespace

std::string directory_of(const cli::Arguments& arguments) {
  if (const auto said = arguments.text("--data")) return *said;
  const char* value = std::getenv("SLIPWAY_DATA");
  return value && *value ? value : "slipway-data";
}

std::vector<cli::Option> directory_options() {
  return {{.name = "--data", .value = "DIR", .help = "the data directory", .offers = cli::Offers::Files},
          {.name = "--config",
           .value = "FILE",
           .help = "the server's settings, instead of ./slipway-server.yaml",
           .offers = cli::Offers::Files}};
}

Result<std::string> whole_directory_of(const cli::Arguments& arguments) {
  const Settings settings = TRY(gather_settings(arguments));
  const std::string& said = settings["data"].value;
  const std::string directory = said.empty() ? "slipway-data" : said;
  for (const char* key : {"database", "artifacts"}) {
    const Setting& setting = settings[key];
    if (setting.value.empty()) continue;  // its value may be a secret
    return elsewhere(setting.source + ": " + key + " says that this server keeps what it has in " +
                     (key == std::string_view("database") ? "PostgreSQL" : "S3") + ", so that " + printable(directory) +
                     " does not tell what is needed. Leave the setting out for another server's directory");
  }
  const auto left = TRY(kept_elsewhere_of(directory));
  if (!left.nothing()) {
    return elsewhere(printable(directory) + "/" + kKeptElsewhere + " says that its server keeps what it has in " +
                     left.places() + ", so that the directory does not tell what is needed");
  }
  return directory;
}

Result<void> expect_registry_in(const std::string& directory) {
  std::error_code failure;
  if (std::filesystem::exists(directory + "/" + kRegistryFile, failure)) return {};
  return not_found("there is no " + printable(directory) + "/" + kRegistryFile +
                   ": expected the data directory of a server that keeps its registry there. Is --data right? " +
                   kBackedUpElsewhere);
}

Result<KeptRecords> KeptRecords::open(const std::string& databases, DatabaseFile::Server server) {
  KeptRecords data;
  for (const KeptDatabase& kept : kKeptDatabases) {
    auto file = DatabaseFile::open(databases + "/" + kept.name, kept.holds, server);
    if (file.ok()) {
      data.databases.push_back(std::move(file).value());
    } else if (file.error().code != ErrorCode::NotFound || !kept.may_be_missing) {
      return std::move(file).error();
    }
  }
  return data;
}

Result<Needed> KeptRecords::needed() {
  Needed needed;
  for (DatabaseFile& file : databases) {
    TRY(file.needed([&](const Digest& digest, std::uint64_t size) { needed.emplace(digest, size); }));
  }
  return needed;
}

Result<std::string> KeptRecords::who_needs(const Digest& digest) {
  std::vector<std::string> found;
  for (DatabaseFile& file : databases) {
    for (std::string& one : TRY(file.who_needs(digest, kMostNamed + 1))) found.push_back(std::move(one));
  }
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i == kMostNamed) return text + " and others";
    text += (i == 0 ? "" : ", ") + found[i];
  }
  return text;
}

}  // namespace slipway::app
