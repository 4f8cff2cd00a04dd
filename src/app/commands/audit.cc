// slipway audit: check the history of a registry, and take it along.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "app/commands/audit_source.h"
#include "app/commands/commands.h"
#include "app/commands/kept_records.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "domain/governance/audit_line.h"
#include "domain/governance/audit_trail.h"

namespace slipway::app {
namespace {

using cli::Arguments;
using cli::Session;

constexpr const char* kHeads = "/audit-heads.jsonl";

bool is_there(const std::string& path) {
  return std::ifstream(path).good();
}

Result<Ed25519PublicKey> read_key(const std::string& path) {
  std::ifstream file(path);
  if (!file) return not_found("cannot open the key " + printable(path));
  std::string text(std::istreambuf_iterator<char>(file), {});
  auto key = parse_public_key(text);
  if (!key.ok()) return std::move(key).error().within(path);
  return key;
}

// Of servers whose history was restored here without their secret key.
std::vector<std::string> restored_keys(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(directory, none)) {
    if (entry.path().filename().string().starts_with("audit-restored-")) found.push_back(entry.path());
  }
  return found;
}

struct Places {
  std::unique_ptr<AuditSource> trail;
  std::vector<std::string> head_files;
  std::set<Ed25519PublicKey> keys;
};

enum class Needed : unsigned char { Trail, TrailAndKeys };

// A file, the server, or a data directory with what lies beside its database.
Result<Places> places_of(Session& session, const Arguments& arguments, Needed needed) {
  Places places;
  for (const std::string& path : arguments.all("--key")) places.keys.insert(TRY(read_key(path)));
  places.head_files = arguments.all("--heads");
  if (const auto file = arguments.text("FILE")) {
    if (arguments.has("--server")) return invalid_input("expected a FILE or --server, found both");
    places.trail = TRY(audit_of_file(*file));
  } else if (arguments.has("--server")) {
    places.trail = audit_of_server(session);
  } else {
    const std::string directory = directory_of(arguments);
    places.trail = TRY(audit_of_directory(directory));
    if (is_there(directory + kHeads)) places.head_files.push_back(directory + kHeads);
    if (needed == Needed::TrailAndKeys && places.keys.empty()) {
      places.keys.insert(TRY(read_key(directory + "/audit.pub")));
      for (const std::string& path : restored_keys(directory)) places.keys.insert(TRY(read_key(path)));
    }
  }
  return places;
}

Result<governance::TrailReport> checked(Places& places) {
  governance::TrailCheck check(places.keys);
  const auto expect = [&](const model::AuditHead& head) { return check.expect(head); };
  TRY(places.trail->heads(expect));
  for (const std::string& path : places.head_files) TRY(TRY(audit_of_file(path))->heads(expect));
  TRY(places.trail->events([&](const model::Event& event) { return check.take(event); }));
  return check.finish();
}

void print_report(const governance::TrailReport& report, const Places& places, bool as_json) {
  const std::uint64_t open = report.events - report.signed_up_to;
  if (as_json) {
    std::printf("{\"whole\": true, \"events\": %llu, \"heads\": %llu, \"signed_up_to\": %llu, \"last\": \"%s\"}\n",
                static_cast<unsigned long long>(report.events), static_cast<unsigned long long>(report.heads),
                static_cast<unsigned long long>(report.signed_up_to), report.last.hex().c_str());
    return;
  }
  cli::print("whole: " + std::to_string(report.events) + " events, " + std::to_string(report.heads) +
             " signed heads, the last event is " + report.last.hex() + "\n");
  if (open > 0) cli::print(std::to_string(open) + " events after the last head are chained, but not signed yet\n");
  if (places.keys.empty()) cli::print("no --key was given: each head was believed by the key it names\n");
}

Result<void> verify(Session& session, const Arguments& arguments) {
  Places places = TRY(places_of(session, arguments, Needed::TrailAndKeys));
  const auto report = checked(places);
  if (!report.ok()) return report.error().code == ErrorCode::Corrupt ? session.refuse(report.error()) : report.error();
  print_report(*report, places, session.wants_json());
  return {};
}

Result<void> export_trail(Session& session, const Arguments& arguments) {
  Places places = TRY(places_of(session, arguments, Needed::Trail));
  const auto write = [](const auto& row) -> Result<void> {
    const std::string line = governance::line_of(row) + "\n";
    if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size()) return {};
    return unavailable("could not write all of the output");
  };
  TRY(places.trail->events([&](const model::Event& event) { return write(event); }));
  return places.trail->heads([&](const model::AuditHead& head) { return write(head); });
}

cli::Option server_option() {
  return {.name = "--server", .help = "ask the running server instead of reading its data directory"};
}

cli::Command verify_command_of_audit() {
  cli::Command command{.name = "verify", .summary = "Check that the history is whole and as it was signed"};
  command.details =
      "Names the first event that was changed, removed, moved or cut off, and leaves with 1. Without FILE and --server "
      "the data directory is read (also beside a running server), with its file of heads and its public key. Keep a "
      "copy of the heads where nobody who can write the data directory can write, and give it with --heads.";
  command.options = {{.name = "FILE", .help = "an export", .offers = cli::Offers::Files},
                     server_option(),
                     {.name = "--heads",
                      .value = "FILE",
                      .help = "signed heads kept elsewhere",
                      .repeated = true,
                      .offers = cli::Offers::Files},
                     {.name = "--key",
                      .value = "FILE",
                      .help = "public key whose heads are believed (PEM or hexadecimal); default: DIR/audit.pub",
                      .repeated = true,
                      .offers = cli::Offers::Files}};
  command.examples = {"slipway audit verify --data /var/lib/slipway", "slipway audit verify --server --key audit.pub",
                      "slipway audit verify trail.jsonl --key audit.pub --heads heads-copy.jsonl"};
  return client_command(std::move(command), verify);
}

cli::Command export_command_of_audit() {
  cli::Command command{.name = "export", .summary = "Print the history and its signed heads as JSON lines"};
  command.options = {server_option()};
  command.examples = {"slipway audit export --server > trail.jsonl", "slipway audit export --data /var/lib/slipway"};
  return client_command(std::move(command), export_trail);
}

}  // namespace

cli::Command audit_command() {
  cli::Command command{.name = "audit", .summary = "Check the history, or take it along"};
  command.details = "Every change and every refused attempt is an event; each one carries a hash over the one before.";
  command.subcommands = {verify_command_of_audit(), export_command_of_audit()};
  command.examples = {"slipway audit verify", "slipway audit export --server > trail.jsonl"};
  return command;
}

}  // namespace slipway::app
