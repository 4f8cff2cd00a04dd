// slipway delete: what is registered goes.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

Result<void> remove(Session& session, const Arguments& arguments) {
  const Reference reference = TRY(read_reference(session, arguments.at("NAME")));
  if (!reference.alias.empty()) {
    return invalid_input("expected NAME or NAME:VERSION, found an alias; `slipway alias remove` removes aliases");
  }
  const bool whole = reference.version == 0;
  if (whole && !arguments.has("--yes")) {
    return invalid_input("expected --yes to delete the model with all its versions, found nothing");
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
