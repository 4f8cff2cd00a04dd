// slipway import: the models of a Triton repository become versions, as if each had been pushed.
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "adapter/triton_repository/model_plan.h"
#include "adapter/triton_repository/package_file.h"
#include "app/commands/commands.h"
#include "base/text.h"
#include "cli/package_push.h"
#include "cli/terminal.h"
#include "domain/model/serving.h"

namespace slipway::app {
namespace {

using nlohmann::json;
namespace triton = triton_repository;

// A folder that is gone when this ends.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create() {
    std::error_code failure;
    const auto below = std::filesystem::temp_directory_path(failure);
    std::string path = (below / "slipway-import-XXXXXX").string();
    if (failure || ::mkdtemp(path.data()) == nullptr) {
      return unavailable("expected TMPDIR to be a folder for temporary files");
    }
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// One run over a repository: what was taken, as JSON, and whether all of it was.
struct Run {
  cli::Session& session;
  const triton::RepositoryFolder& repository;
  const std::string& packages;
  bool deploys;
  json taken = json::array();
  bool complete = true;
};

void tell(Run& run, const std::string& where, const Error& error) {
  run.complete = false;
  cli::complain(where + ": " + error.message);
}

// There is no server to go on with; a folder that cannot be read is another matter.
bool is_unreachable(const Run& run) {
  return run.session.exit_code() == cli::Exit::Unreachable;
}

// The registry's number; nothing if it is not validated.
Result<std::uint64_t> push_version(Run& run, const std::string& model, const triton::VersionPlan& version) {
  if (!version.problem.empty()) return invalid_input(version.problem);
  const auto file = TRY(triton::PackageFile::create(run.repository, model, version, run.packages));
  const auto package = TRY(cli::Package::open(file.path()));
  const auto answer = json::parse(TRY(
      cli::send_package(run.session, *package, {model, "import of " + model + "/" + std::to_string(version.number)})));
  const json& stored = answer.at("version");
  const auto number = stored.at("version").get<std::uint64_t>();
  const auto stage = stored.at("stage").get<std::string>();
  run.taken.push_back({{"model", model},
                       {"folder", version.number},
                       {"version", number},
                       {"created", answer.at("created")},
                       {"stage", stage},
                       {"reason", stored.at("reason")}});
  if (!run.session.wants_json()) {
    cli::print(cli::clean(model) + "/" + std::to_string(version.number) + " -> " + cli::clean(model) + ":" +
               std::to_string(number) + (answer.at("created").get<bool>() ? "" : " (was there already)") + "\n");
  }
  if (stage != "validated") {
    return invalid_input("version " + std::to_string(number) + " is " + stage + ": " +
                         cli::clean(stored.at("reason").get<std::string>()));
  }
  return number;
}

Result<void> deploy(Run& run, const std::string& model, const std::vector<std::uint64_t>& numbers) {
  json split = json::array();
  for (const std::uint64_t number : numbers) {
    split.push_back({{"version", number}, {"share", split.empty() ? slipway::model::kWhole.count : 0}});
  }
  const json body = {{"split", split}, {"reason", "import of " + model}};
  TRY(run.session.exchange("PUT", "/api/v1/serving/" + cli::percent_encode(model), body.dump()));
  return {};
}

Result<void> import_model(Run& run, const std::string& model) {
  const auto folder = TRY(run.repository.model(model));
  const auto plan = TRY(triton::plan_model(run.repository, folder));
  for (const std::string& note : plan.notes) cli::complain("note: " + cli::clean(model) + ": " + cli::clean(note));
  std::vector<std::uint64_t> good;
  for (const triton::VersionPlan& version : plan.versions) {
    if (good.size() == plan.wanted) break;
    const auto number = push_version(run, model, version);
    if (number) {
      good.push_back(*number);
    } else if (is_unreachable(run)) {
      return number.error();
    } else {
      tell(run, cli::clean(model) + "/" + std::to_string(version.number), number.error());
    }
  }
  if (!run.deploys || good.empty()) return {};
  if (good.size() > slipway::model::kMostShares) {
    tell(run, cli::clean(model),
         invalid_input("expected at most " + std::to_string(slipway::model::kMostShares) +
                       " versions to deploy, found " + std::to_string(good.size()) + ": only the newest are deployed"));
    good.resize(slipway::model::kMostShares);
  }
  TRY(deploy(run, model, good));
  return {};
}

Result<void> import(cli::Session& session, const cli::Arguments& arguments) {
  const auto repository = TRY(triton::RepositoryFolder::open(arguments.at("DIR")));
  const auto packages = TRY(TemporaryFolder::create());
  Run run{session, repository, packages.path(), arguments.has("--deploy")};
  std::vector<std::string> models = arguments.all("MODEL");
  if (models.empty()) models = TRY(repository.models());
  for (const std::string& model : models) {
    const auto imported = import_model(run, model);
    if (!imported && is_unreachable(run)) return imported.error();
    if (!imported) tell(run, cli::clean(model), imported.error());
  }
  if (session.wants_json()) cli::print_json(run.taken.dump());
  if (!run.complete) return session.refuse(invalid_input("not everything was imported: see above"));
  return {};
}

}  // namespace

cli::Command import_command() {
  cli::Command command{.name = "import", .summary = "Push the models of a Triton repository"};
  command.details =
      "Reads DIR/MODEL/config.pbtxt and DIR/MODEL/VERSION/model.onnx and pushes the versions that the version policy "
      "wants, each with a manifest made from the configuration. Prints which version each folder became; the same "
      "content again is the same version. `slipway serve --model-repository DIR` does this by itself and follows "
      "changes.";
  command.options = {{.name = "DIR", .help = "the model repository", .required = true, .offers = cli::Offers::Files},
                     {.name = "MODEL", .help = "only these models", .repeated = true},
                     {.name = "--deploy", .value = "", .help = "deploy what was imported, as the version policy says"}};
  command.examples = {"slipway import /models", "slipway import /models fraud --deploy"};
  return cli::client_command(std::move(command), import);
}

}  // namespace slipway::app
