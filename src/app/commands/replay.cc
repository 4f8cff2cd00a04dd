#include <filesystem>
#include <fstream>

#include "adapter/log_evidence/decision_inputs.h"
#include "adapter/plan_yaml/evidence_plan.h"
#include "adapter/plan_yaml/rollout_plan.h"
#include "adapter/rollout_history/rollout_history.h"
#include "app/commands/commands.h"
#include "app/version.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/rollout_answers.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "domain/rollout/replay.h"
#include "service/delivery/replay.h"

namespace slipway::app {
namespace {

using delivery::ReplayedDecision;
using rollout_history::History;

constexpr Bytes kLargestHistory = gibibytes(1);

Result<std::string> read_file(const std::string& path) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) return not_found(printable(path) + ": " + failure.message());
  if (size > kLargestHistory.count) return invalid_input(printable(path) + ": expected at most 1 GiB, found more");
  std::string text(size, '\0');
  if (!std::ifstream(path, std::ios::binary).read(text.data(), static_cast<std::streamsize>(size))) {
    return unavailable(printable(path) + ": cannot be read");
  }
  return text;
}

Result<std::string> history_text(cli::Session& session, const cli::Arguments& arguments) {
  if (const auto file = arguments.text("--file")) return read_file(*file);
  const auto number = arguments.text("NUMBER");
  if (!number) return invalid_input("expected NUMBER of a rollout, or --file FILE with its history, found neither");
  const std::string path = TRY(cli::rollout_path(*number));
  const std::string rollout = TRY(session.fetch(path));
  const auto pages = TRY(cli::fetch_decisions(session, path));
  return cli::whole_history(rollout, pages);
}

Result<std::optional<std::uint64_t>> asked_decision(const cli::Arguments& arguments) {
  const auto text = arguments.text("DECISION");
  if (!text) return std::optional<std::uint64_t>();
  const auto number = model::parse_version(*text);
  if (number) return std::optional<std::uint64_t>(*number);
  return invalid_input("expected the number of a decision, found \"" + printable(*text) + "\"");
}

void print_replayed(const ReplayedDecision& each) {
  const std::string head = "decision " + std::to_string(each.number) + ": ";
  if (!each.failure.empty()) {
    cli::print(cli::clean(head + "cannot be made again: " + each.failure) + "\n");
  } else if (each.differences.empty()) {
    cli::print(head + "the same" + (each.is_judged ? ", its evidence judged again" : "") + "\n");
  }
  for (const rollout::Difference& difference : each.differences) {
    cli::print(cli::clean(head + difference.what + ": recorded \"" + difference.recorded + "\", made again \"" +
                          difference.again + "\"") +
               "\n");
  }
  if (!each.is_same() && each.program != kVersion) {
    cli::print(
        cli::clean(head + "it was decided by version " + each.program + " of this program, which is " + kVersion) +
        "\n");
  }
}

std::string quoted(const std::string& text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string json_of(const ReplayedDecision& each) {
  std::string text = "{\"decision\": " + std::to_string(each.number) +
                     ", \"same\": " + (each.is_same() ? "true" : "false") +
                     ", \"judged\": " + (each.is_judged ? "true" : "false") + ", \"program\": " + quoted(each.program) +
                     ", \"failure\": " + quoted(each.failure) + ", \"differences\": [";
  for (const rollout::Difference& difference : each.differences) {
    if (&difference != &each.differences.front()) text += ", ";
    text += "{\"what\": " + quoted(difference.what) + ", \"recorded\": " + quoted(difference.recorded) +
            ", \"again\": " + quoted(difference.again) + "}";
  }
  return text + "]}\n";
}

// What the evidence said, from its state and the plan as they were kept.
Result<std::vector<rollout::Evidence>> judge_again(std::string_view plan, std::string_view kept) {
  const auto inputs = TRY(log_evidence::read_inputs(kept));
  if (inputs.plan != sha256(as_bytes(plan))) return corrupt("the evidence is of another plan than the rollout's");
  const auto judged = TRY(log_evidence::judge_again(inputs, TRY(plan_yaml::read_evidence_plan(plan, "plan"))));
  std::vector<rollout::Evidence> said;
  for (const log_evidence::JudgedAgain& each : judged) said.push_back(each.said);
  return said;
}

Result<void> run(cli::Session& session, const cli::Arguments& arguments) {
  const auto only = TRY(asked_decision(arguments));
  auto read = rollout_history::read_history(TRY(history_text(session, arguments)));
  if (!read.ok()) return std::move(read).error().within(arguments.text("--file").value_or("the server's answer"));
  const History history = std::move(read).value();
  plan_yaml::RolloutPlanYaml plans;
  const auto all = delivery::replay(history.decisions, history.plan, plans, judge_again);
  std::size_t looked = 0, same = 0;
  for (const ReplayedDecision& each : all) {
    if (only && each.number != *only) continue;
    ++looked;
    same += each.is_same() ? 1 : 0;
    arguments.has("--json") ? cli::print(json_of(each)) : print_replayed(each);
  }
  if (looked == 0) return session.refuse(not_found("the history has no such decision"));
  if (!arguments.has("--json")) {
    cli::print(std::to_string(same) + " of " + std::to_string(looked) + " decisions came out as they were recorded\n");
  }
  if (same == looked) return {};
  return session.refuse(corrupt(std::to_string(looked - same) + " of " + std::to_string(looked) +
                                " decisions do not come out of their records"));
}

}  // namespace

cli::Command replay_command() {
  cli::Command command{.name = "replay", .summary = "Make a rollout's decisions again from their records"};
  command.options = {{.name = "NUMBER", .help = "the rollout's"},
                     {.name = "DECISION", .help = "look at this one only"},
                     {.name = "--file",
                      .value = "FILE",
                      .help = "what `slipway rollout history --json` or `explain --json` printed; asks no server",
                      .offers = cli::Offers::Files}};
  command.details =
      "Each decision is made again from what was kept of it: the rollout before it, what was seen, the command. It has "
      "to "
      "be the same bit for bit, and go on from the one before. Exits with 1 where one is not.";
  command.examples = {"slipway rollout replay 7", "slipway rollout replay --file rollout-7.json"};
  return cli::client_command(std::move(command), run);
}

}  // namespace slipway::app
