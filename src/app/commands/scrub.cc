// slipway scrub: every byte that is kept is read again, and held against its digest.
#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/kept_records.h"
#include "app/commands/pace.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace slipway::app {
namespace {

using artifacts_filesystem::ArtifactFolder;
using store_sqlite::DatabaseFile;

constexpr std::size_t kMostSentences = 20;  // about one database

struct Finding {
  enum class Kind : std::uint8_t { Damaged, Missing } kind;
  std::string what, found, needed_by;
  std::optional<Digest> artifact = {};  // one of other content: what cannot be read may be whole
  bool is_aside = false;
};

std::string_view name_of(Finding::Kind kind) {
  return kind == Finding::Kind::Damaged ? "damaged" : "missing";
}

struct Scrub {
  const std::string directory;
  const ArtifactFolder artifacts;
  Pace pace;
  std::optional<KeptRecords> data = {};
  std::vector<Finding> findings = {};
  std::uint64_t artifacts_read = 0;
  std::uint64_t needed = 0;
};

void check_database(Scrub& scrub, const char* name, DatabaseFile::Holds holds) {
  const std::string path = scrub.directory + "/" + name;
  auto file = DatabaseFile::open(path, holds);
  if (!file.ok() && file.error().code == ErrorCode::NotFound) return;  // the registry's is known to be there
  std::vector<std::string> damage;
  if (file.ok()) {
    damage = file->damage(kMostSentences);
  } else {
    damage.push_back(file.error().message);
  }
  for (std::string& sentence : damage) {
    scrub.findings.push_back({Finding::Kind::Damaged, path, std::move(sentence), "everything"});
  }
}

std::string who_needs(Scrub& scrub, const Digest& digest) {
  if (!scrub.data) return "";
  auto needs = scrub.data->who_needs(digest);
  return needs.ok() ? std::move(needs).value() : "";
}

void check_artifact(Scrub& scrub, const Digest& digest) {
  const std::string path = scrub.artifacts.shown(digest);
  const auto found = scrub.artifacts.read(digest, [&](ByteSpan bytes) {
    scrub.pace.spend(bytes.size());
    return Result<void>();
  });
  ++scrub.artifacts_read;
  if (found.ok() && *found == digest) return;
  if (!found.ok() && found.error().code == ErrorCode::NotFound) return;  // removed since it was listed, or missing
  Finding finding{Finding::Kind::Damaged, path, "", who_needs(scrub, digest)};
  if (found.ok()) {
    finding.found = "expected SHA-256 " + digest.hex() + ", found " + found->hex();
    finding.artifact = digest;
  } else {
    finding.found = found.error().message;
  }
  scrub.findings.push_back(std::move(finding));
}

// Those that something needs and that are not there. Asked again for each: what needed it may be gone by now.
Result<void> check_missing(Scrub& scrub, const Needed& needed) {
  for (const auto& [digest, size] : needed) {
    const auto there = TRY(scrub.artifacts.holds(digest));
    if (there) continue;
    const std::string by = TRY(scrub.data->who_needs(digest));
    if (by.empty()) continue;
    scrub.findings.push_back(
        {Finding::Kind::Missing, scrub.artifacts.shown(digest),
         "expected " + std::to_string(size) + " bytes of SHA-256 " + digest.hex() + ", found no file", by});
  }
  return {};
}

Result<void> check_all(Scrub& scrub) {
  for (const KeptDatabase& kept : kKeptDatabases) check_database(scrub, kept.name, kept.holds);
  // A damaged database may still tell what it needs; if not, the artifacts are checked all the same.
  if (auto data = KeptRecords::open(scrub.directory, DatabaseFile::Server::Maybe); data.ok()) {
    scrub.data.emplace(std::move(data).value());
    const auto needed = scrub.data->needed();
    if (needed.ok()) {
      scrub.needed = needed->size();
      TRY(check_missing(scrub, *needed));
    } else if (scrub.findings.empty()) {
      return needed.error();
    }
  } else if (scrub.findings.empty()) {
    return std::move(data).error();
  }
  cli::Progress progress("");
  for (const Digest& digest : TRY(scrub.artifacts.list())) {
    check_artifact(scrub, digest);
    progress.show(cli::human_bytes(scrub.pace.spent()) + " read");
  }
  return {};
}

// All of them are told, whatever becomes of one: a push may have healed or removed it meanwhile.
void set_aside(Scrub& scrub) {
  for (Finding& finding : scrub.findings) {
    if (!finding.artifact) continue;
    auto moved = scrub.artifacts.set_aside(*finding.artifact);
    if (moved.ok()) {
      finding.is_aside = *moved;
      if (!*moved) finding.found += "; read again it is right, so that it was left in place";
    } else {
      finding.found += "; not set aside: " + moved.error().message;
    }
  }
}

double seconds_of(const Scrub& scrub) {
  return std::chrono::duration<double>(scrub.pace.elapsed()).count();
}

void print_json(const Scrub& scrub) {
  std::string out = "{\"whole\": ";
  out += scrub.findings.empty() ? "true" : "false";
  out += ", \"artifacts\": " + std::to_string(scrub.artifacts_read) + ", \"needed\": " + std::to_string(scrub.needed) +
         ", \"bytes\": " + std::to_string(scrub.pace.spent());
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", seconds_of(scrub));
  out += std::string(", \"seconds\": ") + seconds + ", \"findings\": [";
  for (const Finding& finding : scrub.findings) {
    out += &finding == scrub.findings.data() ? "\n  {" : ",\n  {";
    out += "\"kind\": \"" + std::string(name_of(finding.kind)) + "\", \"file\": ";
    append_json_string(out, finding.what);
    out += ", \"found\": ";
    append_json_string(out, finding.found);
    out += ", \"needed_by\": ";
    append_json_string(out, finding.needed_by);
    out += std::string(", \"set_aside\": ") + (finding.is_aside ? "true}" : "false}");
  }
  cli::print(out + (scrub.findings.empty() ? "]}\n" : "\n]}\n"));
}

void print_text(const Scrub& scrub) {
  for (const Finding& finding : scrub.findings) {
    cli::print(cli::clean(std::string(name_of(finding.kind)) + ": " + finding.what + ": " + finding.found) + "\n  " +
               (finding.needed_by.empty() ? "nothing needs it" : "needed by " + cli::clean(finding.needed_by)) +
               (finding.is_aside ? "; set aside in damaged/" : "") + "\n");
  }
  const double seconds = seconds_of(scrub);
  const double rate = seconds > 0 ? static_cast<double>(scrub.pace.spent()) / seconds : 0;
  char took[32];
  std::snprintf(took, sizeof took, "%.1f s", seconds);
  cli::print(std::to_string(scrub.artifacts_read) + " artifacts (" + std::to_string(scrub.needed) +
             " of them needed) and the databases read, " + cli::human_bytes(scrub.pace.spent()) + " in " + took + " (" +
             cli::human_bytes(static_cast<std::uint64_t>(rate)) + "/s): " +
             (scrub.findings.empty() ? "all is whole\n"
                                     : std::to_string(scrub.findings.size()) + " findings; push a package again to "
                                                                               "heal its artifacts, or restore a "
                                                                               "backup\n"));
}

Result<bool> run_scrub(const cli::Arguments& arguments) {
  const std::string directory = TRY(whole_directory_of(arguments));
  TRY(expect_registry_in(directory));
  auto artifacts = TRY(ArtifactFolder::open(directory + "/" + kArtifactsFolder));
  const auto rate = TRY(rate_of(arguments, directory));
  const SystemClock clock;
  Scrub scrub{.directory = directory, .artifacts = std::move(artifacts), .pace = Pace(clock, rate)};
  TRY(check_all(scrub));
  if (arguments.has("--set-aside")) set_aside(scrub);
  arguments.has("--json") ? print_json(scrub) : print_text(scrub);
  return scrub.findings.empty();
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto whole = run_scrub(arguments);
  if (whole.ok()) return *whole ? cli::Exit::Done : cli::Exit::Refused;
  cli::complain(whole.error().message);
  return cli::Exit::Usage;
}

}  // namespace

cli::Command scrub_command() {
  cli::Command command{.name = "scrub", .summary = "Read every artifact and database again, and find what is damaged"};
  command.options = {
      {.name = "--set-aside", .help = "move damaged artifacts to artifacts/damaged, so that nothing reads them"},
      rate_option(),
      {.name = "--json", .help = "print what was found as JSON"},
  };
  std::ranges::move(directory_options(), std::back_inserter(command.options));
  command.examples = {"slipway scrub --data /var/lib/slipway", "slipway scrub --rate 20 --json"};
  command.details =
      "Works on the data directory, without its server or beside it. Leaves with 0 when all is whole, 1 when something "
      "is damaged or missing, 2 when it could not look. A damaged artifact is healed by the next push of the same "
      "package. The history has a check of its own: `slipway audit verify`.";
  command.run = run;
  return command;
}

}  // namespace slipway::app
