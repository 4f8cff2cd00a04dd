#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "adapter/plan_yaml/evidence_plan.h"
#include "adapter/trace_lines/trace_lines.h"
#include "app/commands/commands.h"
#include "app/commands/judgement_text.h"
#include "base/bytes.h"
#include "cli/terminal.h"
#include "domain/evidence/evidence.h"

namespace slipway::app {
namespace {

using evidence::Detail;
using evidence::Evidence;
using model::Verdict;

constexpr Bytes kLargestPlan = mebibytes(1);

Result<evidence::EvidencePlan> read_plan(const std::string& path) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) return not_found(path + ": " + failure.message());
  if (size > kLargestPlan.count) return invalid_input(path + ": expected at most 1 MiB, found more");
  std::string text(size, '\0');
  if (!std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(size))) {
    return unavailable(path + ": cannot be read");
  }
  return plan_yaml::read_evidence_plan(text, path);
}

// Lines of a trace, one after the other; a longer one than a line may be is refused, not gathered.
class TraceFile {
 public:
  explicit TraceFile(const std::string& path) : path_(path), file_(path, std::ios::binary) {}

  bool is_open() const { return file_.is_open(); }
  std::uint64_t number() const { return number_; }
  // nullopt at the end.
  Result<std::optional<std::string>> next() {
    std::string line;
    for (int character = file_.get(); character != std::ifstream::traits_type::eof(); character = file_.get()) {
      if (character == '\n') break;
      line.push_back(static_cast<char>(character));
      if (line.size() > trace_lines::kLongestLine) {
        return invalid_input(place(number_ + 1) + ": expected a line of at most 64 KiB, found more");
      }
    }
    if (file_.bad()) return unavailable(path_ + ": cannot be read");
    if (line.empty() && file_.eof()) return std::optional<std::string>();
    ++number_;
    return std::optional(std::move(line));
  }
  std::string place(std::uint64_t line) const { return path_ + ":" + std::to_string(line); }

 private:
  std::string path_;
  std::ifstream file_;
  std::uint64_t number_ = 0;
};

class Printer {
 public:
  Printer(bool as_json, const TraceFile& trace) : as_json_(as_json), trace_(trace) {}

  void print(std::string_view event, double t, const evidence::Judgement& judgement) const {
    if (as_json_) {
      std::printf("%s\n", judgement_json(event, trace_.number(), t, judgement).c_str());
    } else {
      std::printf("%s\n", cli::clean(judgement_line(trace_.number(), t, judgement)).c_str());
    }
  }
  void print_findings(const evidence::Judgement& judgement) const {
    if (as_json_) return;
    cli::Table table(
        {"METRIC", "E(HARM)", "BACK AT", "E(SAFE)", "PROMOTES AT", "POWER", "EFFECT", "CANDIDATE", "CONTROL"});
    for (const evidence::Finding& finding : judgement.findings) table.add(judgement_cells(finding));
    std::printf("\n");
    table.print();
  }

 private:
  bool as_json_;
  const TraceFile& trace_;
};

// The last observation's time goes with the standing at the end.
Result<Verdict> follow(Evidence& evidence, TraceFile& trace, const cli::Arguments& arguments) {
  const trace_lines::TraceLines reader(evidence.plan().slices);
  const Printer printer(arguments.has("--json"), trace);
  std::optional<Verdict> last;
  double t = 0;
  for (;;) {
    const std::optional<std::string> line = TRY(trace.next());
    if (!line) break;
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    auto observation = reader.read(*line);
    if (!observation.ok()) return std::move(observation).error().within(trace.place(trace.number()));
    t = observation->t;
    evidence.observe(*observation);
    const Verdict verdict = evidence.verdict();
    if (last == verdict) continue;
    last = verdict;
    printer.print("change", t, evidence.judge());
    if (verdict == Verdict::Fail && !arguments.has("--all")) break;
  }
  if (!last) return invalid_input(trace.place(1) + ": expected at least one observation, found none");
  const evidence::Judgement judgement = evidence.judge();
  if (last != Verdict::Fail || arguments.has("--all")) printer.print("end", t, judgement);
  printer.print_findings(judgement);
  return judgement.verdict;
}

Result<Verdict> judge(const cli::Arguments& arguments) {
  const evidence::EvidencePlan plan = TRY(read_plan(arguments.at("--plan")));
  Evidence evidence = TRY(Evidence::create(plan));
  TraceFile trace(arguments.at("--trace"));
  if (!trace.is_open()) return not_found(arguments.at("--trace") + ": cannot be opened");
  return follow(evidence, trace, arguments);
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto verdict = judge(arguments);
  if (!verdict.ok()) {
    cli::complain(verdict.error().message);
    return cli::Exit::Usage;
  }
  switch (*verdict) {
    case Verdict::Pass:
      return cli::Exit::Done;
    case Verdict::Fail:
      return cli::Exit::Refused;
    case Verdict::Inconclusive:
      return cli::Exit::Inconclusive;
  }
  return cli::Exit::Inconclusive;
}

}  // namespace

cli::Command rollout_command() {
  cli::Command judge{.name = "judge", .summary = "Judge a recorded trace by a plan, as a rollout would have"};
  judge.options = {
      {.name = "--plan", .value = "FILE", .help = "the rollout's plan", .required = true, .offers = cli::Offers::Files},
      {.name = "--trace",
       .value = "FILE",
       .help = "JSON lines: t, arm, p and what was observed",
       .required = true,
       .offers = cli::Offers::Files},
      {.name = "--all", .help = "go on after a rollback"},
      {.name = "--json", .help = "one JSON object per change of the verdict"}};
  judge.examples = {"slipway rollout judge --plan rollout.yaml --trace last-week.jsonl"};
  judge.details =
      "Prints each change of the verdict with its reason, looking at every line, and stops at a rollback. Exits with 0 "
      "for promote, 1 for roll back, 4 for hold. docs/formats/trace.md has the fields of a line.";
  judge.run = run;
  cli::Command rollout{.name = "rollout", .summary = "Move traffic to a version on evidence"};
  rollout.subcommands = {replay_command(), judge};
  return rollout;
}

}  // namespace slipway::app
