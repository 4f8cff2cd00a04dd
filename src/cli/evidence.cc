// slipway validate NAME:VERSION, slipway evidence: what a server's gates found of a version.
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

constexpr auto kPoll = std::chrono::milliseconds(200);

// ".../versions/3" of the version meant.
Result<std::string> version_path(Session& session, const std::string& target) {
  const Reference reference = TRY(read_reference(session, target));
  const std::uint64_t number = TRY(version_of(session, reference));
  if (number == 0) return invalid_input("expected NAME:VERSION or NAME@ALIAS, found \"" + printable(target) + "\"");
  return model_path(reference.name, "/versions/" + std::to_string(number));
}

// Until nothing is asked of it any more.
Result<json> wait_for_gates(Session& session, const std::string& path) {
  Progress progress("validating");
  while (true) {
    json now = json::parse(TRY(session.fetch(path + "/evidence?limit=1")));
    const std::string gates = now.at("gates").get<std::string>();
    if (gates == "idle") return now;
    const std::string doing = clean(now.at("doing").get<std::string>());
    progress.show(gates == "waiting" ? "other versions come first" : doing);
    std::this_thread::sleep_for(kPoll);
  }
}

void print_verdicts(const json& report) {
  Table table({"GATE", "VERDICT", "WHY"});
  for (const json& gate : report.at("gates")) {
    table.add({gate.at("gate").get<std::string>(), gate.at("outcome").get<std::string>(),
               gate.at("reason").get<std::string>()});
  }
  table.print();
  print("\n" + clean(report.at("outcome").get<std::string>()) + "\n");
}

// How the command ends for this verdict.
Result<void> conclude(Session& session, const json& standing, const std::string& verdict) {
  if (verdict == "pass") return {};
  const std::string reason = clean(standing.at("reason").get<std::string>());
  const std::string stage = clean(standing.at("stage").get<std::string>());
  return session.end_with(verdict == "fail" ? Exit::Refused : Exit::Inconclusive,
                          conflict("the version is " + stage + (reason.empty() ? "" : ": " + reason)));
}

Result<void> validate(Session& session, const Arguments& arguments) {
  const std::string path = TRY(version_path(session, arguments.at("PACKAGE")));
  json body = json::object();
  if (const auto reason = arguments.text("--reason")) body["reason"] = *reason;
  const std::string text = body.dump(-1, ' ', true, json::error_handler_t::replace);
  const json asked = json::parse(TRY(session.exchange("POST", path + "/validate", text)));
  const json standing = TRY(wait_for_gates(session, path));
  const json& evidence = standing.at("evidence");
  const bool is_new =
      !evidence.empty() && evidence.at(0).at("sequence").get<std::uint64_t>() > asked.at("newest").get<std::uint64_t>();
  if (!is_new) {
    const bool is_validated = standing.at("stage").get<std::string>() == "validated";
    if (is_validated && evidence.empty()) return {};  // nothing asks gates of this model
    return conclude(session, standing, "inconclusive");
  }
  const json report = json::parse(evidence.at(0).at("body").get<std::string>());
  session.wants_json() ? print_json(report.dump()) : print_verdicts(report);
  return conclude(session, standing, evidence.at(0).at("verdict").get<std::string>());
}

// How it stands, and the evidence of all pages; of its bodies the newest alone unless all are wanted.
Result<json> all_evidence(Session& session, const std::string& path, bool bodies) {
  json standing = json::parse(TRY(session.fetch(path + "/evidence?limit=100")));
  for (std::size_t seen = 1;;) {
    json& evidence = standing.at("evidence");
    for (; !bodies && seen < evidence.size(); ++seen) evidence.at(seen).erase("body");
    const json next = standing.value("next", json());  // none: an older server, which has one page
    if (next.is_null()) return standing;
    const std::string below = std::to_string(next.get<std::uint64_t>());
    json older = json::parse(TRY(session.fetch(path + "/evidence?limit=100&before=" + below)));
    for (json& one : older.at("evidence")) evidence.push_back(std::move(one));
    standing["next"] = older.at("next");
  }
}

Result<void> list(Session& session, const Arguments& arguments) {
  const std::string path = TRY(version_path(session, arguments.at("NAME:VERSION")));
  const json standing = TRY(all_evidence(session, path, session.wants_json()));
  if (session.wants_json()) {
    print_json(standing.dump());
    return {};
  }
  Table table({"NUMBER", "VERDICT", "AT", "ASKED BY", "DIGEST"});
  for (const json& evidence : standing.at("evidence")) {
    table.add({std::to_string(evidence.at("sequence").get<std::uint64_t>()), evidence.at("verdict").get<std::string>(),
               evidence.at("created_at").get<std::string>().substr(0, 19), evidence.at("actor").get<std::string>(),
               evidence.at("digest").get<std::string>()});
  }
  table.print();
  const std::string gates = standing.at("gates").get<std::string>();
  if (gates != "idle") print("gates: " + clean(gates + " " + standing.at("doing").get<std::string>()) + "\n");
  if (!standing.at("evidence").empty()) {
    print("\n");
    print_verdicts(json::parse(standing.at("evidence").at(0).at("body").get<std::string>()));
  }
  return {};
}

}  // namespace

Command validate_on_server_command() {
  Command command{.name = "validate", .summary = "Have a server ask the gates of a version"};
  command.options = {{.name = "--reason", .value = "TEXT", .help = "NAME:VERSION: why, for the history"}};
  return client_command(std::move(command), validate);
}

Command evidence_command() {
  Command command{.name = "evidence", .summary = "Show what gates found of a version"};
  command.details = "Lists the evidence, the newest first, and the newest verdict of each gate; --json has all of it.";
  command.options = {
      {.name = "NAME:VERSION", .help = "the version, or NAME@ALIAS", .required = true, .offers = Offers::Models}};
  command.examples = {"slipway evidence fraud:3"};
  return client_command(std::move(command), list);
}

}  // namespace slipway::cli
