// slipway approve, approvals, override: people's word for a version.
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

struct Version {
  std::string name;
  std::uint64_t number;
  std::string path(const std::string& tail) const {
    return model_path(name, "/versions/" + std::to_string(number) + tail);
  }
};

Result<Version> version_in(Session& session, const Arguments& arguments) {
  const std::string& target = arguments.at("NAME:VERSION");
  const Reference reference = TRY(read_reference(session, target));
  const std::uint64_t number = TRY(version_of(session, reference));
  if (number == 0) return invalid_input("expected NAME:VERSION or NAME@ALIAS, found \"" + printable(target) + "\"");
  return Version{reference.name, number};
}

Result<std::uint64_t> seconds_of(const std::string& text) {
  const auto lifetime = parse_duration(text);
  if (lifetime.ok() && *lifetime >= std::chrono::seconds(1) && *lifetime % std::chrono::seconds(1) == Duration{0}) {
    return static_cast<std::uint64_t>(*lifetime / std::chrono::seconds(1));
  }
  return invalid_input("--expires: expected whole seconds, such as 12h or 30d, found \"" + printable(text) + "\"");
}

Result<void> give_word(Session& session, const Arguments& arguments, const std::string& tail, const char* done) {
  json body = {{"reason", arguments.at("--reason")}};
  if (const auto environment = arguments.text("--environment")) body["environment"] = *environment;
  if (const auto expires = arguments.text("--expires")) body["expires_in_seconds"] = TRY(seconds_of(*expires));
  const Version version = TRY(version_in(session, arguments));
  const std::string text = body.dump(-1, ' ', true, json::error_handler_t::replace);
  const json answer = json::parse(TRY(session.exchange("POST", version.path(tail), text)));
  if (session.wants_json()) {
    print_json(answer.dump());
    return {};
  }
  print(std::string(done) + " " + clean(version.name) + ":" + std::to_string(version.number) + " for " +
        clean(answer.at("environment").get<std::string>()) + " (" + clean(answer.at("id").get<std::string>()) + ")\n");
  return {};
}

Result<void> approve(Session& session, const Arguments& arguments) {
  return give_word(session, arguments, "/approvals", "approved");
}

Result<void> override_policies(Session& session, const Arguments& arguments) {
  return give_word(session, arguments, "/override", "overridden the policies on");
}

std::string state_of(const json& approval) {
  if (approval.at("revoked").get<bool>()) return "revoked";
  const json& expires = approval.at("expires_at");
  const std::string until = expires.is_null() ? "" : " until " + expires.get<std::string>().substr(0, 19);
  return (approval.at("overrides").get<bool>() ? "override" : "approved") + until;
}

Result<void> list(Session& session, const Arguments& arguments) {
  const Version version = TRY(version_in(session, arguments));
  const json answer = json::parse(TRY(session.fetch(version.path("/approvals"))));
  if (session.wants_json()) {
    print_json(answer.dump());
    return {};
  }
  Table table({"ID", "ENVIRONMENT", "BY", "AT", "STATE", "REASON"});
  for (const json& approval : answer.at("approvals")) {
    table.add({approval.at("id").get<std::string>(), approval.at("environment").get<std::string>(),
               approval.at("principal").get<std::string>(), approval.at("at").get<std::string>().substr(0, 19),
               state_of(approval), approval.at("reason").get<std::string>()});
  }
  table.print();
  for (const json& standing : answer.at("environments")) {
    const std::string why = standing.at("why").get<std::string>();
    print(clean(standing.at("environment").get<std::string>()) + ": " + clean(standing.at("entry").get<std::string>()) +
          (why.empty() ? "" : ": " + clean(why)) + "\n");
  }
  return {};
}

Result<void> revoke(Session& session, const Arguments& arguments) {
  const Version version = TRY(version_in(session, arguments));
  const std::string id = arguments.at("ID");
  std::string path = version.path("/approvals/" + percent_encode(id));
  if (const auto reason = arguments.text("--reason")) path += "?reason=" + percent_encode(*reason);
  TRY(session.exchange("DELETE", path, ""));
  session.wants_json() ? print_json(json({{"revoked", id}}).dump()) : print("revoked " + clean(id) + "\n");
  return {};
}

Option version_option() {
  return {.name = "NAME:VERSION", .help = "the version, or NAME@ALIAS", .required = true, .offers = Offers::Models};
}
Option environment_option() {
  return {.name = "--environment", .value = "NAME", .help = "where it may go; default: the one this server serves"};
}

}  // namespace

Command approve_command() {
  Command command{.name = "approve", .summary = "Give your word that a version may go into an environment"};
  command.details =
      "It counts for these bytes and upon the gate evidence there is now: newer evidence asks for a new approval. Who "
      "pushed the version, or is named as its author, cannot approve it.";
  command.options = {version_option(),
                     environment_option(),
                     {.name = "--reason", .value = "TEXT", .help = "why, for the history", .required = true},
                     {.name = "--expires", .value = "TIME", .help = "such as 12h or 30d; default: as the policy says"}};
  command.examples = {"slipway approve fraud:3 --environment production --reason \"reviewed the slices\""};
  return client_command(std::move(command), approve);
}

Command approvals_command() {
  Command command{.name = "approvals", .summary = "Show who approved a version and whether that is enough; revoke"};
  Command show{.name = "list", .summary = "List the approvals of a version, and where it may go"};
  show.options = {version_option()};
  show.examples = {"slipway approvals list fraud:3"};
  Command take_back{.name = "revoke", .summary = "Take an approval or an override back"};
  take_back.options = {version_option(),
                       {.name = "ID", .help = "the approval's, as listed", .required = true},
                       {.name = "--reason", .value = "TEXT", .help = "why, for the history"}};
  take_back.examples = {"slipway approvals revoke fraud:3 apr_0123456789abcdef --reason \"wrong data\""};
  command.subcommands = {client_command(std::move(show), list), client_command(std::move(take_back), revoke)};
  command.examples = {"slipway approvals list fraud:3"};
  return command;
}

Command override_command() {
  Command command{.name = "override", .summary = "Let a version in although a policy forbids it (admins, for a while)"};
  command.details =
      "For emergencies. It is logged as a warning, stands in the history under this name and reason, and ends by "
      "itself.";
  command.options = {version_option(),
                     environment_option(),
                     {.name = "--reason", .value = "TEXT", .help = "why, for the history", .required = true},
                     {.name = "--expires", .value = "TIME", .help = "at most 24h; default 1h"}};
  command.examples = {"slipway override fraud:2 --environment production --reason \"incident 42: 3 scores zero\""};
  return client_command(std::move(command), override_policies);
}

}  // namespace slipway::cli
