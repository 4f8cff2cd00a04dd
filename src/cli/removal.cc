// slipway retire, delete: what is registered leaves service, or goes.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

// True if only a version can stand at the end: then no server is needed to read it.
bool ends_in_version(const std::string& text) {
  const std::size_t split = text.find_last_of("@:");
  return split != std::string::npos && text[split] == ':';
}

Result<void> retire(Session& session, const Arguments& arguments) {
  const std::string& target = arguments.at("NAME");
  if (!ends_in_version(target)) {
    return invalid_input("expected NAME:VERSION, found no version in \"" + printable(target) + "\"");
  }
  const Reference reference = TRY(read_reference(session, target));
  json body = json::object();
  if (const auto reason = arguments.text("--reason")) body["reason"] = *reason;
  const std::string path = model_path(reference.name, "/versions/" + std::to_string(reference.version) + "/retire");
  const std::string answer =
      TRY(session.exchange("POST", path, body.dump(-1, ' ', true, json::error_handler_t::replace)));
  if (session.wants_json()) {
    print_json(answer);
  } else {
    print("retired " + clean(reference.name) + ":" + std::to_string(reference.version) + "\n");
  }
  return {};
}

Result<void> remove(Session& session, const Arguments& arguments) {
  const std::string& target = arguments.at("NAME");
  const bool whole = !ends_in_version(target);
  if (whole && !arguments.has("--yes")) {
    return invalid_input("expected --yes to delete the model with all its versions, found nothing");
  }
  const Reference reference = TRY(read_reference(session, target));
  if (!reference.alias.empty()) {
    return invalid_input("expected NAME or NAME:VERSION, found an alias; `slipway alias remove` removes aliases");
  }
  std::string path = model_path(reference.name, whole ? "" : "/versions/" + std::to_string(reference.version));
  if (const auto reason = arguments.text("--reason")) path += "?reason=" + percent_encode(*reason);
  TRY(session.exchange("DELETE", path, ""));
  if (session.wants_json()) {
    json gone = {{"deleted", reference.name}};
    if (!whole) gone["version"] = reference.version;
    print_json(gone.dump());
  } else {
    print("deleted " + clean(reference.name) + (whole ? "" : ":" + std::to_string(reference.version)) + "\n");
  }
  return {};
}

}  // namespace

Command retire_command() {
  Command command{.name = "retire", .summary = "Keep a version, but never serve it again"};
  command.details =
      "What is served, or what an alias points to, is not retired: deploy another version, or move the alias, first. "
      "There is no way back; `slipway delete` removes a version altogether.";
  command.options = {{.name = "NAME", .help = "NAME:VERSION", .required = true, .offers = Offers::Models},
                     {.name = "--reason", .value = "TEXT", .help = "why, for the version and the history"}};
  command.examples = {"slipway retire fraud:2 --reason \"trained on leaked labels\""};
  return client_command(std::move(command), retire);
}

Command delete_command() {
  Command command{.name = "delete", .summary = "Delete a version, or a model with all of them"};
  command.details = "What is served is not deleted: undeploy it or deploy another version first.";
  command.options = {
      {.name = "NAME", .help = "NAME:VERSION, or NAME for all of it", .required = true, .offers = Offers::Models},
      {.name = "--yes", .help = "needed to delete a whole model"},
      {.name = "--reason", .value = "TEXT", .help = "why, for the history"}};
  command.examples = {"slipway delete fraud:2", "slipway delete fraud --yes --reason \"replaced by fraud-v2\""};
  return client_command(std::move(command), remove);
}

}  // namespace slipway::cli
