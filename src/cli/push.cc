// slipway push: a file or folder becomes a version.
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/package_push.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

PushWords words_of(const Arguments& arguments) {
  return {arguments.text("--name").value_or(""), arguments.text("--reason").value_or("")};
}

Result<void> push(Session& session, const Arguments& arguments) {
  const auto package = TRY(Package::open(arguments.at("PATH")));
  const auto answer = json::parse(TRY(send_package(session, *package, words_of(arguments))));
  const json& version = answer.at("version");
  if (session.wants_json()) {
    print_json(answer.dump());
  } else {
    print(clean(version.at("model").get<std::string>()) + ":" +
          std::to_string(version.at("version").get<std::uint64_t>()) + "\n");
    if (!answer.at("created").get<bool>()) complain("this content was there already, as the version above");
  }
  const std::string stage = version.at("stage").get<std::string>();
  const std::string reason = clean(version.at("reason").get<std::string>());
  if (stage == "rejected") return session.refuse(invalid_input("the version was rejected: " + reason));
  if (stage == "registered") complain("the version is not validated yet: " + reason);
  return {};
}

}  // namespace

Command push_command() {
  Command command{.name = "push", .summary = "Store a model as a new version and verify it"};
  command.details =
      "Prints NAME:VERSION. A folder is packed on the way (links are refused, names that begin with a dot are left "
      "out). Pushing the same content again prints the version that is there already.";
  command.options = {
      {.name = "PATH",
       .help = "a folder with slipway.yaml, a .tar.gz, .tar.zst or .zip of one, or a bare .onnx",
       .required = true,
       .offers = Offers::Files},
      {.name = "--name", .value = "NAME", .help = "the model's name; default: the manifest's, else the file's"},
      {.name = "--reason", .value = "TEXT", .help = "why, for the history"}};
  command.examples = {"slipway push model.onnx --name fraud", "slipway push ./fraud-package",
                      "slipway push fraud.tar.zst --name fraud --reason \"trained on October\""};
  return client_command(std::move(command), push);
}

}  // namespace slipway::cli
