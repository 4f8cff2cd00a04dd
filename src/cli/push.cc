// slipway push: a file or folder becomes a version.
#include <nlohmann/json.hpp>
#include <thread>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/package_stream.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;
// How long a push waits while the server is busy with others.
constexpr auto kPatience = std::chrono::minutes(10);

std::string push_path(const Arguments& arguments, const Package& package) {
  std::string path = "/api/v1/packages?filename=" + percent_encode(package.filename());
  if (const auto name = arguments.text("--name")) path += "&name=" + percent_encode(*name);
  if (const auto reason = arguments.text("--reason")) path += "&reason=" + percent_encode(*reason);
  return path;
}

Result<std::string> send_once(Session& session, const Arguments& arguments, Package& package) {
  Progress progress("uploading");
  HttpRequest request;
  request.method = "POST";
  request.path = push_path(arguments, package);
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  request.source = &package;
  request.tick = [&] {
    progress.show(package.content_read(), package.content_size(), "the server verifies the package");
  };
  return session.call(std::move(request));
}

Result<std::string> send(Session& session, const Arguments& arguments, Package& package) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  Progress waiting("");
  while (true) {
    auto answer = send_once(session, arguments, package);
    const bool busy = !answer.ok() && answer.error().code == ErrorCode::Overloaded && session.retry_after() > 0;
    const std::chrono::seconds pause(std::min(session.retry_after(), 10U));
    if (!busy || std::chrono::steady_clock::now() + pause > until) return answer;
    TRY(package.rewind());
    waiting.show("the server is busy with other pushes");
    std::this_thread::sleep_for(pause);
  }
}

Result<void> push(Session& session, const Arguments& arguments) {
  const auto package = TRY(Package::open(arguments.at("PATH")));
  const auto answer = json::parse(TRY(send(session, arguments, *package)));
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
