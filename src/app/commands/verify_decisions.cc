#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <optional>
#include <span>
#include <thread>

#include "app/commands/commands.h"
#include "app/proving/playing.h"
#include "app/proving/ramp_text.h"
#include "app/proving/report_drawing.h"
#include "cli/terminal.h"
#include "domain/proof/suite.h"

namespace slipway::app {
namespace {

using proof::Scenario;
using proof::Score;

constexpr std::int64_t kMostRollouts = 100'000, kMostThreads = 256;

std::optional<std::int64_t> whole(const std::string& text) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoll(text);
}

std::string percent(std::uint32_t count, std::uint32_t all) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.3g %%", 100.0 * count / all);
  return text.data();
}

// How many were kept and missed.
struct Tally {
  int kept = 0, missed = 0;
  void add(bool is_kept) { ++(is_kept ? kept : missed); }
};

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

// "35 % (7.2 min)": rolled back, and when in the median.
std::string cell(std::uint32_t count, std::span<const double> minutes, std::uint32_t all) {
  std::string text = percent(count, all);
  if (const auto middle = proof::median(minutes, all)) {
    std::array<char, 24> shown{};
    std::snprintf(shown.data(), shown.size(), " (%.3g min)", *middle);
    text += shown.data();
  }
  return text;
}

void add_rivals(cli::Table& table, const Scenario& scenario, const Score& score) {
  if (scenario.rivals.empty()) return;
  std::vector<std::string> cells{scenario.id, cell(score.rolled_back, score.minutes, score.rollouts)};
  for (std::size_t i = 0; i < proof::kRivals.size(); ++i) {
    const bool asks = proof::is_asked(scenario, proof::kRivals.at(i));
    cells.push_back(asks ? cell(score.rivals.at(i), score.rival_minutes.at(i), score.rollouts) : "-");
  }
  table.add(std::move(cells));
}

// Of each rate of traffic that an equal version and a worse one were both played at.
void print_costs(Tally& tally, std::span<const proving::Played> played) {
  const auto find = [&](std::string_view id) {
    return std::ranges::find(played, id, [](const auto& each) { return std::string_view(each.scenario.id); });
  };
  for (const proof::CostPair& pair : proof::kCostPairs) {
    const auto equal = find(pair.equal), worse = find(pair.worse);
    if (equal == played.end() || worse == played.end()) continue;
    const std::string what =
        std::string(pair.title) + ": " + std::string(pair.equal) + " against " + std::string(pair.worse);
    tally.add(print_findings("cost", what, proof::cost_of(equal->score, worse->score)));
  }
}

cli::Table rivals_table() {
  std::vector<std::string> heads{"ROLLED BACK", "EVIDENCE"};
  for (const proof::Rival rival : proof::kRivals) heads.emplace_back(proof::name_of(rival));
  return cli::Table(heads);
}

struct Job {
  proving::Playing playing{.rollouts = 1'000, .threads = std::max(1U, std::thread::hardware_concurrency())};
  std::vector<std::string> only;
  std::optional<std::string> svg;
};

bool is_wanted(const Job& job, const std::string& id) {
  return job.only.empty() || std::ranges::find(job.only, id) != job.only.end();
}

Result<Job> read_job(const cli::Arguments& arguments) {
  Job job;
  job.only = arguments.all("SCENARIO");
  job.svg = arguments.text("--svg");
  const auto number = [&](const char* option, std::int64_t least) -> Result<std::optional<std::int64_t>> {
    const auto text = arguments.text(option);
    if (!text) return std::optional<std::int64_t>();
    const auto value = whole(*text);
    if (value && *value >= least && *value <= kMostRollouts) return value;
    return invalid_input(std::string(option) + ": expected a whole number from " + std::to_string(least) + " to " +
                         std::to_string(kMostRollouts) + ", found \"" + *text + "\"");
  };
  if (const auto rollouts = TRY(number("--rollouts", 20))) job.playing.rollouts = static_cast<std::uint32_t>(*rollouts);
  if (const auto seed = TRY(number("--seed", 0))) job.playing.seed = static_cast<std::uint64_t>(*seed);
  if (const auto threads = TRY(number("--threads", 1))) {
    job.playing.threads = static_cast<std::uint32_t>(std::min(*threads, kMostThreads));
  }
  for (const std::string& id : job.only) {
    bool is_known = id == "P12";
    for (const Scenario& scenario : proof::scenarios()) is_known = is_known || scenario.id == id;
    if (!is_known) return invalid_input("expected the name of a scenario such as AA1, found \"" + id + "\"");
  }
  return job;
}

Result<void> write_drawing(const std::string& path, std::span<const proving::Played> played) {
  std::ofstream file(path, std::ios::trunc);
  file << proving::drawing_of(played) << std::flush;
  if (!file) return unavailable("cannot write \"" + path + "\"");
  return {};
}

Result<Tally> run_job(const Job& job) {
  Tally tally;
  cli::Table rivals = rivals_table();
  std::vector<proving::Played> played;
  for (Scenario& scenario : proof::scenarios()) {
    if (!is_wanted(job, scenario.id)) continue;
    Score score = TRY(proving::play(scenario, job.playing));
    const std::string what = scenario.what + "; " + TRY(proving::ramp_text(scenario.plan));
    tally.add(print_findings(scenario.id, what, proof::hold_against(scenario, score)));
    add_rivals(rivals, scenario, score);
    played.push_back({std::move(scenario), std::move(score)});
  }
  if (is_wanted(job, "P12")) tally.add(print_findings("P12", "a planned A/B test, ten looks", proof::planned_test()));
  print_costs(tally, played);
  if (std::ranges::any_of(played, [](const auto& each) { return !each.scenario.rivals.empty(); })) {
    std::printf(
        "\nThe same traffic before other rules, written from their documentation; they go up the ramp by time alone.\n"
        "In AA nothing is wrong, in P something is. In brackets: when, in the median of all rollouts.\n\n");
    rivals.print();
  }
  if (job.svg) TRY(write_drawing(*job.svg, played));
  return tally;
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto job = read_job(arguments);
  if (!job.ok()) {
    cli::complain(job.error().message);
    return cli::Exit::Usage;
  }
  std::printf(
      "%u rollouts of each scenario, from seed %llu; bounds are binomial, 97.5 %%; [Clopper and Pearson's 95 %%]\n\n",
      job->playing.rollouts, static_cast<unsigned long long>(job->playing.seed));
  const auto tally = run_job(*job);
  if (!tally.ok()) {
    cli::complain(tally.error().message);
    return cli::Exit::Refused;
  }
  std::printf("\n%d passed, %d failed\n", tally->kept, tally->missed);
  return tally->missed == 0 ? cli::Exit::Done : cli::Exit::Refused;
}

}  // namespace

cli::Command verify_decisions_command() {
  cli::Command command{.name = "verify-decisions",
                       .summary = "Play simulated rollouts and hold their decisions against what they promise"};
  command.options = {
      {.name = "SCENARIO", .help = "only these (AA1, P1, ...); all without", .repeated = true},
      {.name = "--rollouts", .value = "N", .help = "of each scenario (1000); some controls need more"},
      {.name = "--seed", .value = "N", .help = "of the first rollout (1)"},
      {.name = "--threads", .value = "N", .help = "as many as there are cores"},
      {.name = "--svg", .value = "FILE", .help = "write a drawing to FILE", .offers = cli::Offers::Files}};
  command.examples = {"slipway verify-decisions", "slipway verify-decisions --rollouts 200 --svg decisions.svg",
                      "slipway verify-decisions AA2 P1"};
  command.details =
      "AA: equal versions, which must not be rolled back more often than alpha, whatever the traffic does. P: worse "
      "ones, which must be found in time. Each rollout is carried out by the server's own controller, on simulated "
      "traffic and time. Other tools' rules see the same traffic. Some scenarios are controls, which have to fail. The "
      "same seed gives the same output. Exits with 1 if a promise is not kept.";
  command.run = run;
  return command;
}

}  // namespace slipway::app
