#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "adapter/gate_report/gate_report.h"
#include "adapter/plan_yaml/plan_yaml.h"
#include "adapter/probe_process/probe_process.h"
#include "app/commands/commands.h"
#include "app/commands/local_package.h"
#include "app/commands/signature_check.h"
#include "app/evaluation_tables.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "domain/gate/gates.h"
#include "domain/model/model_card.h"
#include "service/validation/gate_suite.h"

namespace slipway::app {
namespace {

constexpr Bytes kLargestPlan = mebibytes(1);
constexpr Bytes kLargestData = gibibytes(4);

Result<std::vector<std::byte>> read_file(const std::string& path, Bytes most) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) return not_found(path + ": " + failure.message());
  if (size > most.count) return invalid_input(path + ": expected at most " + to_string(most) + ", found more");
  std::vector<std::byte> bytes(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    return unavailable(path + ": cannot be read");
  }
  return bytes;
}

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return unavailable(path + ": cannot be written");
  return {};
}

struct LoadedTable {
  ports::Table table;
  Digest digest;
};

probe_process::SandboxPolicy sandbox_policy(const cli::Arguments& arguments) {
  return arguments.text("--sandbox") == "required" ? probe_process::SandboxPolicy::Required
                                                   : probe_process::SandboxPolicy::Preferred;
}

Result<LoadedTable> read_table(const std::string& path, probe_process::SandboxPolicy sandbox) {
  const auto bytes = TRY(read_file(path, kLargestData));
  const std::string name = std::filesystem::path(path).filename().string();
  auto table = TRY(EvaluationTables(sandbox).read(bytes, name));
  return LoadedTable{std::move(table), sha256(bytes)};
}

Result<std::string> card_of(const LocalPackage& package) {
  for (const model::PackageFile& file : package.version.files) {
    if (file.path != model::kCardFile) continue;
    const auto bytes = TRY(package.artifacts->read(file.digest, model::kLargestCard));
    return std::string(as_text(bytes));
  }
  return package.opened.manifest.model_card;
}

// So that one probe finds the files of both.
Result<void> copy_files(const LocalPackage& from, ports::ArtifactStore& to) {
  for (const model::PackageFile& file : from.version.files) {
    const auto bytes = TRY(from.artifacts->read(file.digest, kLargestData));
    const auto writer = TRY(to.create());
    TRY(writer->write(bytes));
    TRY(writer->finish());
  }
  return {};
}

// All that the command line names, read.
struct Job {
  LocalPackage package;
  std::optional<LocalPackage> live;
  ports::GatePlan plan;
  Digest plan_digest;
  std::optional<LoadedTable> data;
  std::optional<LoadedTable> cases;
  std::string card;
  std::optional<gate::SigningMeasurement> signing;  // where the plan asks
};

Result<Job> read_job(const cli::Arguments& arguments) {
  const std::string plan_path = arguments.at("--plan");
  const auto text = TRY(read_file(plan_path, kLargestPlan));
  Job job{.package = TRY(open_local_package(arguments.at("PACKAGE")))};
  job.plan_digest = sha256(text);
  const std::string model = arguments.text("--model").value_or(job.package.version.name.text());
  plan_yaml::PlanYaml plans;
  job.plan = TRY(plans.read(as_text(text), plan_path, model));
  job.card = TRY(card_of(job.package));
  if (job.plan.gates.signing) {
    job.signing.emplace(TRY(measure_local_signature(job.package, arguments.at("PACKAGE"), arguments.all("--key"),
                                                    arguments.text("--signature"))));
  }
  if (const auto live = arguments.text("--live")) {
    job.live = TRY(open_local_package(*live));
    TRY(copy_files(*job.live, *job.package.artifacts));
  }
  if (const auto data = arguments.text("--data")) job.data = TRY(read_table(*data, sandbox_policy(arguments)));
  if (const auto& wanted = job.plan.data.dataset; job.data && wanted && job.data->digest != *wanted) {
    return invalid_input(arguments.at("--data") + ": expected the data set that the plan names, sha256:" +
                         wanted->hex() + ", found sha256:" + job.data->digest.hex());
  }
  if (parse_digest(job.plan.regression_cases).ok()) {
    return invalid_input(plan_path + ": cases: expected a file beside the plan, found \"" + job.plan.regression_cases +
                         "\": a data set of a server is read there only");
  }
  if (!job.plan.regression_cases.empty()) {
    const auto folder = std::filesystem::path(plan_path).parent_path();
    job.cases = TRY(read_table((folder / job.plan.regression_cases).string(), sandbox_policy(arguments)));
  }
  return job;
}

void print_table(const validation::GateResult& result) {
  cli::Table table({"GATE", "VERDICT", "WHY"});
  for (const gate::GateVerdict& one : result.verdicts) {
    table.add({one.gate, std::string(gate::name_of(one.verdict.outcome)), one.verdict.reason});
  }
  table.print();
  std::printf("\n%s\n", std::string(gate::name_of(result.outcome)).c_str());
}

cli::Exit exit_for(gate::Outcome outcome) {
  switch (outcome) {
    case gate::Outcome::Pass:
      return cli::Exit::Done;
    case gate::Outcome::Fail:
      return cli::Exit::Refused;
    case gate::Outcome::Inconclusive:
      return cli::Exit::Inconclusive;
  }
  return cli::Exit::Inconclusive;
}

cli::Exit run_here(const cli::Arguments& arguments) {
  const auto job = read_job(arguments);
  if (!job.ok()) {
    cli::complain(job.error().message);
    return cli::Exit::Usage;
  }
  Log log({.level = LogLevel::Off});
  probe_process::ProbeProcess probe(*job->package.artifacts, log, {.sandbox = sandbox_policy(arguments)});
  validation::GateInputs inputs{.candidate = {job->package.version, job->package.opened.manifest, job->card},
                                .live = {}};
  if (job->live) inputs.live.emplace(validation::GateSubject{job->live->version, job->live->opened.manifest, ""});
  if (job->data) inputs.data = &job->data->table;
  if (job->cases) inputs.cases = &job->cases->table;
  if (job->signing) inputs.signing.emplace(*job->signing);
  validation::GateResult result;
  {
    cli::Progress progress("validating");
    result = validation::GateSuite(probe).run(job->plan, inputs, [&](std::string_view what) { progress.show(what); });
  }
  for (const ports::SandboxLayer& layer : result.sandbox) {
    if (!layer.missing.empty()) {
      cli::complain("the sandbox is not whole: " + layer.name + ": " + cli::clean(layer.missing));
    }
  }
  const gate_report::Subject subject{.model = job->package.version.name.text(),
                                     .digest = "sha256:" + job->package.version.digest.hex(),
                                     .plan = job->plan_digest.hex(),
                                     .data = job->data ? job->data->digest.hex() : ""};
  if (const auto junit = arguments.text("--junit")) {
    const auto written = write_file(*junit, gate_report::to_junit(subject, result.verdicts));
    if (!written.ok()) {
      cli::complain(written.error().message);
      return cli::Exit::Usage;
    }
  }
  if (arguments.has("--json")) {
    cli::print_body(gate_report::to_json(subject, result.verdicts, result.outcome, result.sandbox));
  } else {
    print_table(result);
  }
  return exit_for(result.outcome);
}

// With a plan here, without one on the server, whose plan it is then.
cli::Exit run(const cli::Arguments& arguments) {
  if (arguments.has("--plan")) return run_here(arguments);
  const std::string target = arguments.at("PACKAGE");
  const bool is_version = target.find_first_of(":@") != std::string::npos && !std::filesystem::exists(target);
  if (is_version) return cli::validate_on_server_command().run(arguments);
  cli::complain("expected --plan FILE to validate a package, or a version of a server as NAME:VERSION; found \"" +
                cli::clean(target) + "\" without a plan");
  return cli::Exit::Usage;
}

// The options of a client command that the local one does not have already.
void add_client_options(std::vector<cli::Option>& options) {
  for (cli::Option& option : cli::validate_on_server_command().options) {
    const bool is_there = std::ranges::any_of(options, [&](const auto& known) { return known.name == option.name; });
    if (!is_there) options.push_back(std::move(option));
  }
}

}  // namespace

cli::Command validate_command() {
  cli::Command command{
      .name = "validate",
      .summary = "Hold a package against a gate plan, or have a server do so",
      .options = {{.name = "PACKAGE",
                   .help = "a folder, an archive or a model file; or NAME:VERSION of a server",
                   .required = true,
                   .offers = cli::Offers::Files},
                  {.name = "--plan",
                   .value = "FILE",
                   .help = "the gate plan (YAML) of a package; a server has its own",
                   .offers = cli::Offers::Files},
                  {.name = "--data",
                   .value = "FILE",
                   .help =
                       "evaluation data: .csv, .jsonl, .parquet; without --plan: data directory of the local server",
                   .offers = cli::Offers::Files},
                  {.name = "--live",
                   .value = "PACKAGE",
                   .help = "the package to be compared with: what is served now",
                   .offers = cli::Offers::Files},
                  {.name = "--model", .value = "NAME", .help = "whose plan of the file; else the package's name"},
                  {.name = "--key",
                   .value = "FILE",
                   .help = "a public key that the signing gate trusts",
                   .repeated = true,
                   .offers = cli::Offers::Files},
                  {.name = "--signature",
                   .value = "FILE",
                   .help = "the signature; default: model.sig in the package, else PACKAGE.sig",
                   .offers = cli::Offers::Files},
                  {.name = "--junit",
                   .value = "FILE",
                   .help = "write the verdicts as JUnit XML",
                   .offers = cli::Offers::Files},
                  {.name = "--sandbox",
                   .value = "POLICY",
                   .help = "preferred (default): with what walls this machine allows; required: not without all",
                   .choices = {"preferred", "required"}},
                  {.name = "--json", .value = "", .help = "as JSON, with all evidence"}},
      .examples =
          {"slipway validate examples/wine --plan gates.yaml --data eval.csv",
           "slipway validate model.onnx --plan gates.yaml --data eval.csv --live current.onnx --junit gates.xml",
           "slipway validate fraud:3"},
      .run = run,
      .subcommands = {},
      .details =
          "Measures in a sandboxed child process and prints one verdict per gate. Leaves with 0 when all "
          "pass, 1 when one fails, 2 when the command, the plan or the data are wrong, and 4 when nothing "
          "fails but the evidence is not enough. Of NAME:VERSION the server asks its own plan, keeps the evidence, and "
          "moves a version that is registered still; this waits for the verdict."};
  add_client_options(command.options);
  return command;
}

}  // namespace slipway::app
