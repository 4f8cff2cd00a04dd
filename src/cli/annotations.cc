// slipway tag, describe, rename: what people write about models and versions, and the names of models.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

// Of the model, or of the version that is said or that the alias points to.
Result<std::string> path_of(Session& session, const Arguments& arguments) {
  const Reference reference = TRY(read_reference(session, arguments.at("NAME")));
  const std::uint64_t number = TRY(version_of(session, reference));
  return model_path(reference.name,
                    (number > 0 ? "/versions/" + std::to_string(number) : std::string()) + "/annotations");
}

Result<json> edited(Session& session, const Arguments& arguments, json edit) {
  if (const auto reason = arguments.text("--reason")) edit["reason"] = *reason;
  const std::string body = edit.dump(-1, ' ', true, json::error_handler_t::replace);
  return json::parse(TRY(session.exchange("PATCH", TRY(path_of(session, arguments)), body)));
}

void print_tags(const json& answer) {
  for (const auto& [key, value] : answer.at("tags").items()) {
    print(clean(key) + "=" + clean(value.get<std::string>()) + "\n");
  }
}

Result<void> tag(Session& session, const Arguments& arguments) {
  json tags = json::object();
  for (const std::string& pair : arguments.all("KEY=VALUE")) {
    const std::size_t sign = pair.find('=');
    if (sign == 0 || sign == std::string::npos) {
      return invalid_input("expected KEY=VALUE, found \"" + printable(pair) + "\"");
    }
    tags[pair.substr(0, sign)] = pair.substr(sign + 1);
  }
  for (const std::string& key : arguments.all("--remove")) tags[key] = nullptr;
  const json answer = tags.empty() ? json::parse(TRY(session.fetch(TRY(path_of(session, arguments)))))
                                   : TRY(edited(session, arguments, {{"tags", tags}}));
  session.wants_json() ? print_json(answer.dump()) : print_tags(answer);
  return {};
}

Result<void> describe(Session& session, const Arguments& arguments) {
  const auto text = arguments.text("TEXT");
  const json answer = text ? TRY(edited(session, arguments, {{"description", *text}}))
                           : json::parse(TRY(session.fetch(TRY(path_of(session, arguments)))));
  if (session.wants_json()) {
    print_json(answer.dump());
  } else if (const std::string description = answer.at("description").get<std::string>(); !description.empty()) {
    print_body(description);
  }
  return {};
}

Result<void> rename(Session& session, const Arguments& arguments) {
  const std::string& from = arguments.at("NAME");
  json body = {{"name", arguments.at("NEW")}};
  if (const auto reason = arguments.text("--reason")) body["reason"] = *reason;
  const std::string answer = TRY(
      session.exchange("POST", model_path(from, "/rename"), body.dump(-1, ' ', true, json::error_handler_t::replace)));
  if (session.wants_json()) {
    print_json(answer);
  } else {
    print("renamed " + clean(from) + " to " + clean(json::parse(answer).at("name").get<std::string>()) + "\n");
  }
  return {};
}

Option target() {
  return {.name = "NAME", .help = "a model, or NAME:VERSION or NAME@ALIAS", .required = true, .offers = Offers::Models};
}
Option reason() {
  return {.name = "--reason", .value = "TEXT", .help = "why, for the history"};
}

}  // namespace

Command tag_command() {
  Command command{.name = "tag", .summary = "Show or change the tags of a model or a version"};
  command.options = {target(),
                     {.name = "KEY=VALUE", .help = "a tag to set; none: the tags are shown", .repeated = true},
                     {.name = "--remove", .value = "KEY", .help = "a tag to take away", .repeated = true},
                     reason()};
  command.examples = {"slipway tag fraud team=risk tier=1", "slipway tag fraud:3 --remove draft",
                      "slipway tag fraud:3"};
  return client_command(std::move(command), tag);
}

Command rename_command() {
  Command command{.name = "rename", .summary = "Give a model another name"};
  command.details =
      "Its versions, aliases, tags and descriptions go along; evidence, approvals and the history stay with the old "
      "name. "
      "Refused while it is served anywhere or being verified, and if there ever were versions under the new name.";
  command.options = {{.name = "NAME", .help = "the model", .required = true, .offers = Offers::Models},
                     {.name = "NEW", .help = "a name that was never used", .required = true},
                     reason()};
  command.examples = {"slipway rename fraud card-fraud --reason \"one name for each kind\""};
  return client_command(std::move(command), rename);
}

Command describe_command() {
  Command command{.name = "describe", .summary = "Show or change the description of a model or a version"};
  command.options = {
      target(), {.name = "TEXT", .help = "the new description; none: the present one is shown"}, reason()};
  command.examples = {"slipway describe fraud \"Scores card payments\"", "slipway describe fraud:3"};
  return client_command(std::move(command), describe);
}

}  // namespace slipway::cli
