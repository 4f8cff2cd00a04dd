#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "app/commands/commands.h"
#include "cli/terminal.h"
#include "domain/proof/suite.h"

namespace slipway::app {
namespace {

using proof::Scenario;
using proof::Score;

constexpr std::int64_t kMostRollouts = 100'000;

std::optional<std::int64_t> whole(const std::string& text) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoll(text);
}

std::string percent(std::uint32_t count, std::uint32_t all) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.3g %%", 100.0 * count / all);
  return text.data();
}

// Prints every part of a target; false if one is not kept.
bool print_findings(const std::string& id, const std::string& what, const std::vector<proof::Finding>& findings) {
  bool is_kept = true;
  std::string text;
  for (const proof::Finding& finding : findings) {
    is_kept = is_kept && finding.is_kept;
    text += (text.empty() ? "" : "; ") + finding.text + (finding.is_kept ? "" : " MISSED");
  }
  std::printf("%-6s %-5s %s\n             %s\n", is_kept ? "ok" : "MISSED", id.c_str(), what.c_str(), text.c_str());
  std::fflush(stdout);
  return is_kept;
}

void add_rivals(cli::Table& table, const Scenario& scenario, const Score& score) {
  if (!scenario.has_rivals && !scenario.has_asymptotic) return;
  std::vector<std::string> cells{scenario.id, percent(score.rolled_back, score.rollouts)};
  for (const std::uint32_t count : score.rivals) {
    cells.push_back(scenario.has_rivals ? percent(count, score.rollouts) : "-");
  }
  cells.push_back(scenario.has_asymptotic ? percent(score.asymptotic, score.rollouts) : "-");
  table.add(std::move(cells));
}

cli::Table rivals_table() {
  std::vector<std::string> heads{"ROLLED BACK", "EVIDENCE"};
  for (const proof::Rival rival : proof::kRivals) heads.emplace_back(proof::name_of(rival));
  heads.emplace_back("asymptotic");
  return cli::Table(heads);
}

struct Job {
  std::uint32_t rollouts = 200;
  std::uint64_t seed = 1;
  std::vector<std::string> only;
};

bool is_wanted(const Job& job, const std::string& id) {
  return job.only.empty() || std::ranges::find(job.only, id) != job.only.end();
}

Result<Job> read_job(const cli::Arguments& arguments) {
  Job job{.only = arguments.all("SCENARIO")};
  const auto number = [&](const char* option, std::int64_t least) -> Result<std::optional<std::int64_t>> {
    const auto text = arguments.text(option);
    if (!text) return std::optional<std::int64_t>();
    const auto value = whole(*text);
    if (value && *value >= least && *value <= kMostRollouts) return value;
    return invalid_input(std::string(option) + ": expected a whole number from " + std::to_string(least) + " to " +
                         std::to_string(kMostRollouts) + ", found \"" + *text + "\"");
  };
  if (const auto rollouts = TRY(number("--rollouts", 20))) job.rollouts = static_cast<std::uint32_t>(*rollouts);
  if (const auto seed = TRY(number("--seed", 0))) job.seed = static_cast<std::uint64_t>(*seed);
  for (const std::string& id : job.only) {
    bool is_known = id == "P12";
    for (const Scenario& scenario : proof::scenarios()) is_known = is_known || scenario.id == id;
    if (!is_known) return invalid_input("expected the name of a scenario such as AA1, found \"" + id + "\"");
  }
  return job;
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto job = read_job(arguments);
  if (!job.ok()) {
    cli::complain(job.error().message);
    return cli::Exit::Usage;
  }
  std::printf("%u rollouts of each scenario, from seed %llu; bounds are binomial, 97.5 %%\n\n", job->rollouts,
              static_cast<unsigned long long>(job->seed));
  cli::Table rivals = rivals_table();
  int kept = 0, missed = 0;
  bool has_rivals = false;
  for (const Scenario& scenario : proof::scenarios()) {
    if (!is_wanted(*job, scenario.id)) continue;
    const Score score = proof::play(scenario, job->rollouts, job->seed);
    ++(print_findings(scenario.id, scenario.what, proof::hold_against(scenario.target, score)) ? kept : missed);
    add_rivals(rivals, scenario, score);
    has_rivals = has_rivals || scenario.has_rivals || scenario.has_asymptotic;
  }
  if (is_wanted(*job, "P12")) {
    ++(print_findings("P12", "a planned A/B test, ten looks", proof::planned_test()) ? kept : missed);
  }
  if (has_rivals) {
    std::printf("\nThe same traffic before other rules, written from their documentation. In AA nothing is wrong.\n\n");
    rivals.print();
  }
  std::printf("\n%d passed, %d failed\n", kept, missed);
  return missed == 0 ? cli::Exit::Done : cli::Exit::Refused;
}

}  // namespace

cli::Command verify_decisions_command() {
  cli::Command command{.name = "verify-decisions",
                       .summary = "Play simulated rollouts and hold their decisions against what they promise"};
  command.options = {{.name = "SCENARIO", .help = "only these (AA1, P1, ...); all without", .repeated = true},
                     {.name = "--rollouts", .value = "N", .help = "of each scenario (200)"},
                     {.name = "--seed", .value = "N", .help = "of the first rollout (1)"}};
  command.examples = {"slipway verify-decisions", "slipway verify-decisions --rollouts 1000",
                      "slipway verify-decisions AA2 P1"};
  command.details =
      "AA: equal versions, which must not be rolled back more often than alpha, whatever the traffic does. P: worse "
      "ones, which must be found in time. Other tools' rules see the same traffic. The same seed gives the same "
      "output. "
      "Exits with 1 if a promise is not kept.";
  command.run = run;
  return command;
}

}  // namespace slipway::app
