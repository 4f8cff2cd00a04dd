// slipway backup: all that a server keeps, as it is at one moment, while it goes on.
#include <array>
#include <filesystem>

#include "adapter/artifacts_filesystem/filesystem_artifacts.h"
#include "app/commands/artifact_transfer.h"
#include "app/commands/backup_folder.h"
#include "app/commands/commands.h"
#include "app/version.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace slipway::app {
namespace {

using artifacts_filesystem::ArtifactFolder;
using artifacts_filesystem::FilesystemArtifacts;
using store_sqlite::DatabaseFile;
namespace files = std::filesystem;

// What is deleted while it is copied makes a snapshot begin again; a server that deletes all the time is beyond it.
constexpr int kAttempts = 8;
constexpr std::array kSecrets = {"audit.key", "admin.token"};

struct Backup {
  const std::string source;
  const BackupFolder& destination;
  FilesystemArtifacts& store;
  const ArtifactFolder artifacts;
  Pace pace;
  const Clock& clock;
  bool with_secrets;
  std::optional<HistoryPlace> earlier;  // of the backup that the folder holds: what is taken must go on from there
};

std::string new_snapshot_name(const Clock& clock) {
  std::array<std::byte, 4> random{};
  fill_random(random);
  std::string name = "snapshot-";
  for (const char c : to_rfc3339(clock.wall_now()).substr(0, 19)) {  // 2026-11-21T10:00:00
    if (c != '-' && c != ':') name += c;
  }
  return name + "-" + to_hex(random);
}

// Files beside the databases; one that is not there is left out.
Result<void> take_file(const Backup& backup, const std::string& name, Part part, BackupManifest& manifest) {
  const std::string to = backup.destination.path() + "/" + manifest.snapshot + "/" + name;
  auto facts = copy_file(backup.source + "/" + name, to, part);
  if (facts.ok()) {
    manifest.files.push_back({name, *facts});
    return {};
  }
  if (facts.error().code != ErrorCode::NotFound) return std::move(facts).error();
  std::error_code ignored;
  files::remove(to, ignored);
  return {};
}

// Those that a manifest may name; what is odd is told, and left out.
std::vector<std::string> names_below(const std::string& folder, std::string_view beginning) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : files::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(beginning) || !entry.is_regular_file(none)) continue;
    if (is_plain(name)) {
      names.push_back(name);
    } else {
      cli::complain(cli::clean(folder + "/" + name) +
                    " is left out: expected a name of letters, digits, `.`, `_` and `-` that does not begin with `.`");
    }
  }
  std::ranges::sort(names);
  return names;
}

Result<void> take_files(const Backup& backup, BackupManifest& manifest) {
  // Before the registry: a head may not speak of events that the copy does not have.
  TRY(take_file(backup, "audit-heads.jsonl", Part::WholeLines, manifest));
  TRY(take_file(backup, "audit.pub", Part::Everything, manifest));
  TRY(take_file(backup, "imports.json", Part::Everything, manifest));
  for (const std::string& name : names_below(backup.source, "audit-restored-")) {
    TRY(take_file(backup, name, Part::Everything, manifest));
  }
  if (!backup.with_secrets) return {};
  for (const char* name : kSecrets) TRY(take_file(backup, name, Part::Everything, manifest));
  const auto of_tls = names_below(backup.source + "/tls", "");
  if (!of_tls.empty()) TRY(ensure_private_folder(backup.destination.path() + "/" + manifest.snapshot + "/tls"));
  for (const std::string& name : of_tls) TRY(take_file(backup, "tls/" + name, Part::Everything, manifest));
  return {};
}

Result<void> take_database(const Backup& backup, const KeptDatabase& kept, BackupManifest& manifest) {
  const std::string name = kept.name;
  auto file = DatabaseFile::open(backup.source + "/" + name, kept.holds);
  if (!file.ok() && file.error().code == ErrorCode::NotFound && kept.may_be_missing) return {};
  if (!file.ok()) return std::move(file).error();
  const std::string to = backup.destination.path() + "/" + manifest.snapshot + "/" + name;
  TRY(file->copy_to(to));
  auto copy = TRY(DatabaseFile::open(to, kept.holds, DatabaseFile::Server::None));
  if (const auto damage = copy.damage(1); !damage.empty()) {
    return corrupt(backup.source + "/" + name + " is damaged: " + damage.front() +
                   "; `slipway scrub` tells all of it, and an earlier backup may be whole");
  }
  manifest.files.push_back({name, TRY(facts_of(to))});
  return {};
}

Result<std::optional<HistoryPlace>> newest_place(DatabaseFile& registry) {
  const std::uint64_t newest = TRY(registry.newest_event());
  const auto first = TRY(registry.event(1));
  const auto last = TRY(registry.event(newest));
  if (!first || !last) return std::optional<HistoryPlace>();
  return std::optional(HistoryPlace{*first, newest, *last});
}

// The one good backup of a registry is not given up for another registry's, nor for an emptied or an older one.
Result<void> expect_to_go_on(const Backup& backup, DatabaseFile& registry, const BackupManifest& manifest) {
  if (!backup.earlier) return {};
  const HistoryPlace& earlier = *backup.earlier;
  const auto there = TRY(registry.event(earlier.sequence));
  if (there && *there == earlier.hash) return {};
  const std::string place = backup.destination.path() + " holds a backup as of event " +
                            std::to_string(earlier.sequence) + " of registry " + earlier.registry.hex().substr(0, 12);
  std::string found = "has no history";
  if (manifest.history && manifest.history->registry != earlier.registry) {
    found = "is registry " + manifest.history->registry.hex().substr(0, 12);
  } else if (manifest.history) {
    found = there ? "went another way before that" : "ends at event " + std::to_string(manifest.history->sequence);
  }
  return conflict(place + ", and " + printable(backup.source) + "/" + kRegistryFile + " " + found +
                  ": expected a new folder, or the data directory that was backed up there, at that event or later. "
                  "--replace gives that backup up for this one");
}

// The registry first: what it refers to in the tracking database was there before.
Result<BackupManifest> take_snapshot(const Backup& backup) {
  BackupManifest manifest{.created_at = to_rfc3339(backup.clock.wall_now()),
                          .version = kVersion,
                          .snapshot = new_snapshot_name(backup.clock),
                          .files = {},
                          .has_secrets = backup.with_secrets};
  TRY(ensure_private_folder(backup.destination.path() + "/" + manifest.snapshot));
  TRY(take_files(backup, manifest));
  for (const KeptDatabase& kept : kKeptDatabases) TRY(take_database(backup, kept, manifest));
  auto registry = TRY(DatabaseFile::open(backup.destination.path() + "/" + manifest.snapshot + "/" + kRegistryFile,
                                         DatabaseFile::Holds::Registry, DatabaseFile::Server::None));
  manifest.history = TRY(newest_place(registry));
  TRY(expect_to_go_on(backup, registry, manifest));
  return manifest;
}

// Whether something still needs it. A failure to tell is not a yes: the transfer's own error says more.
Result<std::string> needed_now(const Backup& backup, const Digest& digest) {
  auto data = TRY(KeptRecords::open(backup.source, DatabaseFile::Server::Maybe));
  return data.who_needs(digest);
}

struct Taken {
  BackupManifest manifest;
  Needed needed;
  Transfer transfer;
};

// A snapshot, then what it needs. No collection can be kept from running in another process: what it took away
// meanwhile was deleted, and a later snapshot does not need it.
Result<Taken> take(Backup& backup) {
  for (int attempt = 1;; ++attempt) {
    auto manifest = TRY(take_snapshot(backup));
    auto data = TRY(KeptRecords::open(backup.destination.path() + "/" + manifest.snapshot, DatabaseFile::Server::None));
    auto needed = TRY(data.needed());
    std::optional<Digest> at;
    auto transferred = transfer(backup.artifacts, backup.store, needed, backup.pace, at);
    if (transferred.ok()) {
      manifest.artifacts = needed.size();
      for (const auto& [digest, size] : needed) manifest.artifact_bytes += size;
      return Taken{std::move(manifest), std::move(needed), *transferred};
    }
    if (!at || transferred.error().code == ErrorCode::Overloaded) return std::move(transferred).error();
    const std::string by = TRY(needed_now(backup, *at));
    const bool is_gone = by.empty() && transferred.error().code == ErrorCode::NotFound;
    if (is_gone && attempt < kAttempts) continue;
    return Error{transferred.error().code, transferred.error().message + "; needed by " + by +
                                               ". Nothing was backed up: push that package again to heal it, or "
                                               "delete what needs it"};
  }
}

// After the manifest: what only an earlier backup needed.
Result<void> tidy_up(Backup& backup, const Taken& taken) {
  TRY(backup.destination.remove_other_snapshots(taken.manifest.snapshot));
  for (const Digest& digest : TRY(backup.store.list())) {
    if (!taken.needed.contains(digest)) TRY(backup.store.remove(digest));
  }
  return {};
}

// Of the backup that is there. A manifest that does not tell is from before manifests did: its registry does.
Result<std::optional<HistoryPlace>> earlier_place(const BackupFolder& destination) {
  const auto manifest = TRY(destination.manifest());
  if (!manifest || manifest->history) return manifest ? manifest->history : std::optional<HistoryPlace>();
  auto registry = TRY(DatabaseFile::open(destination.path() + "/" + manifest->snapshot + "/" + kRegistryFile,
                                         DatabaseFile::Holds::Registry, DatabaseFile::Server::None));
  return newest_place(registry);
}

// Every snapshot but the one that the manifest names now.
Result<void> forget_unfinished(const BackupFolder& destination) {
  const auto manifest = TRY(destination.manifest());
  return destination.remove_other_snapshots(manifest ? manifest->snapshot : "");
}

// Makes it the backup that the folder holds. After the manifest no failure takes that back.
Result<void> finish(Backup& backup, const Taken& taken) {
  TRY(settle_all(backup.destination.path()));
  return backup.destination.put_manifest(taken.manifest);
}

Result<Taken> back_up(const cli::Arguments& arguments) {
  const std::string source = TRY(whole_directory_of(arguments));
  TRY(expect_registry_in(source));
  auto artifacts = TRY(ArtifactFolder::open(source + "/" + kArtifactsFolder));
  const auto rate = TRY(rate_of(arguments, source));
  const auto destination = TRY(BackupFolder::open_to_write(arguments.at("DEST")));
  TRY(forget_unfinished(destination));  // of a backup that was cut off
  const auto store = TRY(FilesystemArtifacts::open(destination.artifacts()));
  const SystemClock clock;
  Backup backup{.source = source,
                .destination = destination,
                .store = *store,
                .artifacts = std::move(artifacts),
                .pace = Pace(clock, rate),
                .clock = clock,
                .with_secrets = arguments.has("--with-secrets"),
                .earlier = std::nullopt};
  if (!arguments.has("--replace")) backup.earlier = TRY(earlier_place(destination));
  auto taken = take(backup);
  if (taken.ok()) {
    auto finished = finish(backup, *taken);
    if (finished.ok()) {
      TRY(tidy_up(backup, *taken));
      return taken;
    }
    taken = std::move(finished).error();
  }
  // What was begun is of no use to anybody; the artifacts that are there already are, to the next try.
  static_cast<void>(forget_unfinished(destination));
  return taken;
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto taken = back_up(arguments);
  if (!taken.ok()) {
    cli::complain(taken.error().message);
    return cli::Exit::Refused;
  }
  const BackupManifest& manifest = taken->manifest;
  if (arguments.has("--json")) {
    cli::print("{\"created_at\": \"" + manifest.created_at + "\", \"artifacts\": " +
               std::to_string(manifest.artifacts) + ", \"bytes\": " + std::to_string(manifest.artifact_bytes) +
               ", \"copied\": " + std::to_string(taken->transfer.copied) +
               ", \"copied_bytes\": " + std::to_string(taken->transfer.copied_bytes) +
               ", \"secrets\": " + (manifest.has_secrets ? "true" : "false") + "}\n");
    return cli::Exit::Done;
  }
  cli::print("backed up to " + cli::clean(arguments.at("DEST")) + " as of " + manifest.created_at + ": " +
             std::to_string(manifest.files.size()) + " files and " + std::to_string(manifest.artifacts) +
             " artifacts (" + cli::human_bytes(manifest.artifact_bytes) + "), of them " +
             std::to_string(taken->transfer.copied) + " new (" + cli::human_bytes(taken->transfer.copied_bytes) +
             ")\n" +
             (manifest.has_secrets
                  ? "it holds the audit key, the admin token and TLS keys: keep it as you keep these\n"
                  : "it holds no audit key, no admin token and no TLS keys (--with-secrets takes them along)\n"));
  return cli::Exit::Done;
}

}  // namespace

cli::Command backup_command() {
  cli::Command command{.name = "backup", .summary = "Copy all that a server keeps, while it goes on"};
  command.options = {
      {.name = "DEST",
       .help = "a new folder, or that of an earlier backup",
       .required = true,
       .offers = cli::Offers::Files},
      {.name = "--with-secrets", .help = "also the audit key, the admin token and the server's own TLS keys"},
      {.name = "--replace", .help = "give up an earlier backup in DEST that is of another registry or history"},
      rate_option(),
      {.name = "--json", .help = "print what was done as JSON"},
  };
  std::ranges::move(directory_options(), std::back_inserter(command.options));
  command.examples = {"slipway backup /backup/slipway --data /var/lib/slipway"};
  command.details =
      "Into the folder of an earlier backup only what is new is copied; until it is finished, that earlier backup is "
      "what the folder holds. Everything that was acknowledged before the command began is in it. `slipway restore "
      "DEST --check` reads all of it again.";
  command.run = run;
  return command;
}

}  // namespace slipway::app
