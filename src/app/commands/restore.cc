// slipway restore: a data directory from a backup, every byte of it checked.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "adapter/artifacts_filesystem/filesystem_artifacts.h"
#include "adapter/store_sqlite/sqlite_store.h"
#include "app/commands/artifact_transfer.h"
#include "app/commands/backup_folder.h"
#include "app/commands/commands.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "service/registry/token_table.h"

namespace slipway::app {
namespace {

using artifacts_filesystem::ArtifactFolder;
using artifacts_filesystem::FilesystemArtifacts;
using store_sqlite::DatabaseFile;
namespace files = std::filesystem;

constexpr const char* kMark = "restoring";           // in a folder that is not finished
constexpr const char* kGrowing = ".restoring";       // in the data directory, or the end of the name of one beside it
constexpr const char* kLostAndFound = "lost+found";  // of every new file system of some kinds
constexpr const char* kAdminToken = "admin.token";
constexpr const char* kAuditKey = "audit.key";

struct Source {
  BackupFolder folder;
  BackupManifest manifest;
  std::string snapshot() const { return folder.path() + "/" + manifest.snapshot; }
};

Result<Source> open_source(const std::string& path) {
  auto folder = TRY(BackupFolder::open_to_read(path));
  auto manifest = TRY(folder.manifest());
  if (!manifest) {
    return corrupt(printable(path) +
                   " holds no finished backup: it has no backup.json, which is written last. The "
                   "backup was cut off, or this is no folder of a backup");
  }
  return Source{std::move(folder), *std::move(manifest)};
}

Result<void> expect(const BackupFile& file, const FileFacts& found, const std::string& path) {
  if (found == file.facts) return {};
  return corrupt(path + ": expected " + std::to_string(file.facts.size) + " bytes of SHA-256 " +
                 file.facts.digest.hex() + ", found " + std::to_string(found.size) + " of " + found.digest.hex());
}

Result<void> expect_whole(const std::string& databases) {
  for (const auto& [name, holds, may_be_missing] : kKeptDatabases) {
    auto file = DatabaseFile::open(databases + "/" + name, holds, DatabaseFile::Server::None);
    if (!file.ok() && file.error().code == ErrorCode::NotFound && may_be_missing) continue;
    if (!file.ok()) return std::move(file).error();
    if (const auto damage = file->damage(1); !damage.empty()) {
      return corrupt(databases + "/" + name + ": " + damage.front());
    }
  }
  return {};
}

// Reads everything and writes nothing.
Result<void> check(const Source& source, Pace& pace) {
  for (const BackupFile& file : source.manifest.files) {
    const std::string path = source.snapshot() + "/" + file.name;
    TRY(expect(file, TRY(facts_of(path)), path));
  }
  TRY(expect_whole(source.snapshot()));
  auto data = TRY(KeptRecords::open(source.snapshot(), DatabaseFile::Server::None));
  const auto artifacts = TRY(ArtifactFolder::open(source.folder.artifacts()));
  for (const auto& [digest, size] : TRY(data.needed())) {
    const Digest found = TRY(artifacts.read(digest, [&](ByteSpan bytes) {
      pace.spend(bytes.size());
      return Result<void>();
    }));
    if (found == digest) continue;
    return corrupt(artifacts.shown(digest) + ": expected content of SHA-256 " + digest.hex() + ", found " +
                   found.hex() + "; needed by " + TRY(data.who_needs(digest)));
  }
  return {};
}

bool has_file(const Source& source, std::string_view name) {
  return std::ranges::any_of(source.manifest.files, [&](const BackupFile& file) { return file.name == name; });
}

Result<void> copy_files(const Source& source, const std::string& into) {
  TRY(ensure_private_folder(into + "/tls"));
  for (const BackupFile& file : source.manifest.files) {
    const std::string path = source.snapshot() + "/" + file.name;
    TRY(expect(file, TRY(copy_file(path, into + "/" + file.name)), path));
  }
  std::error_code ignored;
  files::remove(into + "/tls", ignored);  // unless something is in it
  return expect_whole(into);
}

// The next start makes a new audit key; what the old one signed is believed by this file.
Result<void> keep_public_key(const std::string& into) {
  const std::string key = into + "/audit.pub";
  const auto facts = facts_of(key);
  if (!facts.ok()) return facts.error().code == ErrorCode::NotFound ? Result<void>() : facts.error();
  const std::string kept = into + "/audit-restored-" + facts->digest.hex().substr(0, 8) + ".pub";
  std::error_code none;
  if (files::exists(kept, none)) return {};
  TRY(copy_file(key, kept));
  return {};
}

// Whoever restores must be able to get in: the tokens of the backup are known to those who hold them only.
Result<void> issue_admin_token(const std::string& into, const Clock& clock) {
  const auto store = TRY(store_sqlite::SqliteStore::open(into + "/" + kRegistryFile));
  const auto tokens = TRY(store->tokens());
  std::string name = "admin-restored";
  const auto is_taken = [&](const auto& stored) { return stored.record.name == name; };
  for (int count = 2; std::ranges::any_of(tokens, is_taken); ++count) name = "admin-restored-" + std::to_string(count);
  std::array<std::byte, 8> random{};
  fill_random(random);
  const std::string secret = registry::make_secret();
  const ports::TokenRecord token{.id = "tok_" + to_hex(random),
                                 .name = name,
                                 .hash = registry::hash_of_secret(secret),
                                 .role = access::Role::Admin,
                                 .created_at = clock.wall_now(),
                                 .expires_at = {}};
  const model::Event event{.at = clock.wall_now(),
                           .actor = "slipway",
                           .action = "token",
                           .model = {},
                           .subject = "token " + name,
                           .from = {},
                           .to = std::string(access::name_of(token.role)),
                           .reason = "restored from a backup without secrets"};
  TRY(replace_file(into, kAdminToken, secret + "\n"));
  return store->commit({{token, 0}}, {event});
}

// Where the data grows, and where it is to be. What is there already keeps its place, since it may be a mount point:
// then the data grows inside, and its entries are moved up.
struct Target {
  std::string data, growing;
  bool is_there;
};

Result<void> expect_empty(const std::string& data) {
  std::error_code failure;
  if (!files::is_directory(data, failure)) return conflict(printable(data) + " is no folder");
  bool has_others = false;
  const files::directory_iterator entries(data, failure);
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename();
    has_others |= name != kGrowing && name != kLostAndFound;
  }
  if (failure) return unavailable("cannot read " + printable(data) + ": " + failure.message());
  if (!has_others) return {};
  if (files::exists(data + "/" + kGrowing + "/" + kMark, failure)) {
    return conflict(printable(data) +
                    " holds a part of what a restore that was cut off was moving there: empty it, and restore again");
  }
  return conflict(printable(data) + " is not empty: expected a new or empty folder to restore into");
}

Result<Target> prepare(const std::string& said) {
  std::error_code failure;
  const std::string data = files::weakly_canonical(said, failure);
  if (failure) return unavailable("cannot find out where " + printable(said) + " is: " + failure.message());
  const bool is_there = files::exists(data, failure);
  if (is_there) TRY(expect_empty(data));
  if (!is_there && files::is_symlink(files::symlink_status(data, failure))) {
    return not_found(printable(said) + " is a link to what is not there: expected a new or empty folder");
  }
  const std::string growing = is_there ? data + "/" + kGrowing : data + kGrowing;
  if (files::exists(growing, failure)) {
    if (!files::exists(growing + "/" + kMark, failure)) {
      return conflict(printable(growing) + " is in the way, and was not left by a restore that was cut off");
    }
    files::remove_all(growing, failure);
    if (failure) return unavailable("cannot remove " + growing + ": " + failure.message());
  }
  TRY(ensure_private_folder(growing));
  TRY(replace_file(growing, kMark, ""));
  return Target{data, growing, is_there};
}

// Never over what is there: a server may have been started meanwhile.
Result<void> move_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EINVAL && ::access(to.c_str(), F_OK) != 0 && ::rename(from.c_str(), to.c_str()) == 0) return {};
  return unavailable("cannot move " + from + " to " + to + ": " + std::generic_category().message(errno));
}

// The registry last: without it there is nothing to be taken for a server's data.
Result<void> move_up(const Target& target) {
  std::vector<std::string> names;
  std::error_code failure;
  for (const auto& entry : files::directory_iterator(target.growing, failure)) {
    const std::string name = entry.path().filename();
    if (name != kMark && name != kRegistryFile) names.push_back(name);
  }
  if (failure) return unavailable("cannot read " + target.growing + ": " + failure.message());
  names.emplace_back(kRegistryFile);
  for (const std::string& name : names) TRY(move_new(target.growing + "/" + name, target.data + "/" + name));
  files::remove_all(target.growing, failure);
  if (failure) return unavailable("cannot remove " + target.growing + ": " + failure.message());
  return settle_folder(target.data);
}

Result<void> put_in_place(const Target& target) {
  TRY(settle_all(target.growing));
  if (target.is_there) return move_up(target);
  TRY(move_new(target.growing, target.data));
  const std::string parent = files::path(target.data).parent_path();
  TRY(settle_folder(parent.empty() ? "." : parent));
  std::error_code failure;
  files::remove(target.data + "/" + kMark, failure);
  if (failure) return unavailable("cannot remove " + target.data + "/" + kMark + ": " + failure.message());
  return settle_folder(target.data);
}

Result<void> restore(const Source& source, std::string data, Pace& pace, const Clock& clock) {
  while (data.size() > 1 && data.ends_with('/')) data.pop_back();
  const Target target = TRY(prepare(data));
  const std::string& growing = target.growing;
  TRY(copy_files(source, growing));
  {
    auto stored = TRY(KeptRecords::open(growing, DatabaseFile::Server::None));
    const auto from = TRY(ArtifactFolder::open(source.folder.artifacts()));
    const auto into = TRY(FilesystemArtifacts::open(growing + "/" + kArtifactsFolder));
    std::optional<Digest> at;
    auto done = transfer(from, *into, TRY(stored.needed()), pace, at);
    if (!done.ok()) {
      Error error = std::move(done).error();
      if (at) error.message += "; needed by " + TRY(stored.who_needs(*at));
      return error;
    }
  }
  if (!has_file(source, kAuditKey)) TRY(keep_public_key(growing));
  if (!has_file(source, kAdminToken)) TRY(issue_admin_token(growing, clock));
  return put_in_place(target);
}

void say_restored(const Source& source, const std::string& data) {
  const BackupManifest& manifest = source.manifest;
  cli::print("restored " + cli::clean(data) + " as of " + manifest.created_at + ": " +
             std::to_string(manifest.artifacts) + " artifacts (" + cli::human_bytes(manifest.artifact_bytes) +
             "), all of them and the databases checked\n");
  if (!has_file(source, kAdminToken)) {
    cli::print("tokens that were given out still open; a new admin token is in " + cli::clean(data) + "/" +
               kAdminToken + "\n");
  }
  if (!has_file(source, kAuditKey)) {
    cli::print("the next start makes a new audit key; what the old one signed is still believed\n");
  }
}

Result<void> run_restore(const cli::Arguments& arguments) {
  const auto source = TRY(open_source(arguments.at("SRC")));
  const auto rate = TRY(rate_of(arguments, ""));
  const SystemClock clock;
  Pace pace(clock, rate);
  if (arguments.has("--check")) {
    TRY(check(source, pace));
    cli::print("whole: the backup of " + source.manifest.created_at + ", " + std::to_string(source.manifest.artifacts) +
               " artifacts (" + cli::human_bytes(source.manifest.artifact_bytes) + ") and " +
               std::to_string(source.manifest.files.size()) + " files\n");
    return {};
  }
  TRY(restore(source, directory_of(arguments), pace, clock));
  say_restored(source, directory_of(arguments));
  return {};
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto done = run_restore(arguments);
  if (done.ok()) return cli::Exit::Done;
  cli::complain(done.error().message);
  return cli::Exit::Refused;
}

}  // namespace

cli::Command restore_command() {
  cli::Command command{.name = "restore", .summary = "Make a data directory from a backup"};
  command.options = {
      {.name = "SRC", .help = "the folder of a backup", .required = true, .offers = cli::Offers::Files},
      {.name = "--check", .help = "read and check all of the backup, and write nothing"},
      rate_option(),
      {.name = "--data",
       .value = "DIR",
       .help = "the data directory to make: new or empty",
       .offers = cli::Offers::Files},
  };
  command.examples = {"slipway restore /backup/slipway --data /var/lib/slipway",
                      "slipway restore /backup/slipway --check"};
  command.details =
      "No data is at DIR before every byte was found as the backup's manifest and the databases say. A backup that was "
      "cut off is refused.";
  command.run = run;
  return command;
}

}  // namespace slipway::app
