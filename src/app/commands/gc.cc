// slipway gc: what was deleted long ago goes for good, and with it every byte that nothing needs any more.
#include <filesystem>
#include <set>

#include "adapter/artifacts_filesystem/filesystem_artifacts.h"
#include "adapter/data_directory/data_directory.h"
#include "adapter/store_sqlite/sqlite_store.h"
#include "adapter/store_sqlite/tracking_purge.h"
#include "app/commands/commands.h"
#include "app/commands/kept_records.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace slipway::app {
namespace {

using artifacts_filesystem::ArtifactFolder;
using artifacts_filesystem::FilesystemArtifacts;
using store_sqlite::DatabaseFile;
using store_sqlite::TrackingPurge;

constexpr const char* kUsualAge = "30d";

struct Waste {
  std::uint64_t entries = 0;
  std::vector<Digest> artifacts;
  std::uint64_t bytes = 0;
};

// What would go. All that is needed is read before anything is called waste.
Result<Waste> find_waste(const std::string& directory, TrackingPurge& tracking) {
  Waste waste;
  waste.entries = TRY(tracking.count());
  std::set<Digest> needed;
  std::vector<DatabaseFile> whole;  // of which nothing goes
  for (const KeptDatabase& kept : kKeptDatabases) {
    if (kept.holds == DatabaseFile::Holds::Tracking) continue;
    auto file = DatabaseFile::open(directory + "/" + kept.name, kept.holds);
    if (!file.ok() && file.error().code == ErrorCode::NotFound && kept.may_be_missing) continue;
    whole.push_back(TRY(std::move(file)));
  }
  const auto artifacts = TRY(ArtifactFolder::open(directory + "/" + kArtifactsFolder));
  const auto listed = TRY(artifacts.list());  // before: what is put there from now on is not in it
  for (DatabaseFile& file : whole) {
    TRY(file.needed([&](const Digest& digest, std::uint64_t) { needed.insert(digest); }));
  }
  TRY(tracking.kept([&](const Digest& digest) { needed.insert(digest); }));
  for (const Digest& digest : listed) {
    if (needed.contains(digest)) continue;
    std::error_code gone;
    const auto size = std::filesystem::file_size(artifacts.shown(digest), gone);
    if (!gone) waste.bytes += size;
    waste.artifacts.push_back(digest);
  }
  return waste;
}

// For one whose records or artifacts are elsewhere: what it may expect instead.
Result<void> expect_all_in(const std::string& directory) {
  std::error_code failure;
  for (const char* name : {kRegistryFile, kArtifactsFolder}) {
    if (std::filesystem::exists(directory + "/" + name, failure)) continue;
    return not_found("there is no " + printable(directory) + "/" + name +
                     ": expected the data directory of a server that keeps its registry and its artifacts there. Is "
                     "--data right? With PostgreSQL or S3 there is nothing for gc to do: the servers remove the "
                     "artifacts of deleted versions by themselves, and deleted runs are kept");
  }
  return {};
}

// Told before it is done: an event too many is better than one too few.
Result<void> tell_history(const std::string& directory, const Waste& waste, const std::string& age) {
  if (waste.entries == 0) return {};
  const SystemClock clock;
  const auto store = TRY(store_sqlite::SqliteStore::open(directory + "/" + kRegistryFile));
  const model::Event event{.at = clock.wall_now(),
                           .actor = "slipway",
                           .action = "purge",
                           .model = {},
                           .subject = "tracking",
                           .from = std::to_string(waste.entries) + " deleted runs, logged models and experiments",
                           .to = {},
                           .reason = "slipway gc: deleted for more than " + age};
  return store->commit({}, {event});
}

Result<Waste> collect(const cli::Arguments& arguments) {
  const std::string directory = TRY(whole_directory_of(arguments));
  TRY(expect_all_in(directory));
  const std::string age = arguments.text("--deleted-for").value_or(kUsualAge);
  const Duration kept_for = TRY(parse_duration(age));
  if (kept_for < Duration::zero()) return invalid_input("--deleted-for: expected no negative duration");
  const SystemClock clock;
  const WallTime before = clock.wall_now() - std::chrono::duration_cast<WallTime::duration>(kept_for);
  std::optional<data_directory::DataDirectory> lock;
  if (!arguments.has("--dry-run")) lock.emplace(TRY(data_directory::DataDirectory::open(directory)));
  auto tracking = TRY(TrackingPurge::open(directory + "/" + kTrackingFile, before));
  auto waste = TRY(find_waste(directory, tracking));
  if (!lock) return waste;
  TRY(tell_history(directory, waste, age));
  TRY(tracking.purge());
  const auto store = TRY(FilesystemArtifacts::open(directory + "/" + kArtifactsFolder));
  for (const Digest& digest : waste.artifacts) TRY(store->remove(digest));
  return waste;
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto waste = collect(arguments);
  if (!waste.ok()) {
    cli::complain(waste.error().message);
    return cli::Exit::Refused;
  }
  const bool is_dry = arguments.has("--dry-run");
  if (arguments.has("--json")) {
    cli::print("{\"removed\": " + std::string(is_dry ? "false" : "true") + ", \"entries\": " +
               std::to_string(waste->entries) + ", \"artifacts\": " + std::to_string(waste->artifacts.size()) +
               ", \"bytes\": " + std::to_string(waste->bytes) + "}\n");
    return cli::Exit::Done;
  }
  cli::print(std::string(is_dry ? "would remove " : "removed ") + std::to_string(waste->entries) +
             " deleted runs, logged models and experiments, and " + std::to_string(waste->artifacts.size()) +
             " artifacts that nothing needs (" + cli::human_bytes(waste->bytes) + ")\n");
  return cli::Exit::Done;
}

}  // namespace

cli::Command gc_command() {
  cli::Command command{.name = "gc", .summary = "Remove for good what was deleted long ago, and what nothing needs"};
  command.options = {
      {.name = "--deleted-for",
       .value = "DURATION",
       .help = "how long runs, logged models and experiments must have been deleted; default 30d"},
      {.name = "--dry-run", .help = "tell what would go, and remove nothing; also beside a running server"},
      {.name = "--json", .help = "print what was done as JSON"},
  };
  std::ranges::move(directory_options(), std::back_inserter(command.options));
  command.examples = {"slipway gc --dry-run --data /var/lib/slipway", "slipway gc --deleted-for 90d"};
  command.details =
      "Deleted runs can be restored until then, never after. Needs the data directory for itself: stop the server "
      "first. Artifacts of deleted versions a server removes by itself, without this command.";
  command.run = run;
  return command;
}

}  // namespace slipway::app
