// slipway rollout: a version takes over traffic by a plan; look, and have a say.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/rollout_answers.h"
#include "cli/rollout_plan.h"
#include "cli/rollout_story.h"
#include "cli/rollout_wait.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

std::string path_of(const Arguments& arguments, const std::string& tail = "") {
  return "/api/v1/rollouts/" + percent_encode(arguments.at("NUMBER")) + tail;
}

std::string dumped(const json& body) {
  return body.dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string shown(const json& traffic) {
  std::string text;
  for (const json& share : traffic) {
    text += (text.empty() ? "" : ", ") + std::to_string(share.at("version").get<std::uint64_t>()) + " at " +
            percent_text(share.at("share").get<std::uint64_t>());
  }
  return text;
}

void print_standing(const json& rollout) {
  const auto text = [&](const char* key) { return clean(rollout.at(key).get<std::string>()); };
  print("rollout " + std::to_string(rollout.at("rollout").get<std::uint64_t>()) + " of " + text("model") + " in " +
        text("environment") + ": " + text("state") + ", step " +
        std::to_string(rollout.at("step").get<std::uint64_t>()) + " of " + std::to_string(rollout.at("steps").size()) +
        "\n  serves " + shown(rollout.at("wants")) + "\n  " + text("reason") + "\n");
  if (const json& paused = rollout.at("paused"); !paused.is_null()) {
    const auto by = paused.at("by").get<std::string>();
    const std::string said =
        "paused" + (by.empty() ? "" : " by " + clean(by)) + ": " + clean(paused.at("reason").get<std::string>());
    if (said != text("reason")) print("  " + said + "\n");
  }
  if (const std::string holding = text("holding"); !holding.empty()) print("  now: " + holding + "\n");
  for (const json& each : rollout.at("evidence")) {
    print("  evidence: " + clean(each.at("verdict").get<std::string>()) + ", " +
          clean(each.at("reason").get<std::string>()) + "\n");
  }
  const Story story = read_story(rollout.dump(), {});
  for (const std::string& joins : join_texts(story)) print("  " + clean(joins) + "\n");
  if (const auto eta = step_eta(story)) print("  this step takes about " + shown_seconds(*eta) + " more\n");
}

Result<void> tell(const Session& session, const std::string& answer) {
  session.wants_json() ? print_json(answer) : print_standing(json::parse(answer));
  return {};
}

Result<void> tell_when_served(Session& session, const Arguments& arguments, std::string answer,
                              std::string_view end = "completed") {
  if (arguments.has("--wait")) answer = TRY(wait_until_served(session, arguments, std::move(answer), end));
  return tell(session, answer);
}

Result<void> start(Session& session, const Arguments& arguments) {
  TRY(check_waiting_options(arguments));
  const std::string target = arguments.at("NAME:VERSION");
  const Reference reference = TRY(read_reference(session, target));
  const std::uint64_t number = TRY(version_of(session, reference));
  if (number == 0) return invalid_input("expected NAME:VERSION or NAME@ALIAS, found \"" + printable(target) + "\"");
  json body = {{"model", reference.name},
               {"candidates", {std::to_string(number)}},
               {"plan", TRY(plan_in(arguments))},
               {"queue", arguments.has("--queue") ? "yes" : "no"},
               {"reason", arguments.at("--reason")}};
  for (const std::string& more : arguments.all("--candidate")) body["candidates"].push_back(more);
  if (const auto environment = arguments.text("--environment")) body["environment"] = *environment;
  return tell_when_served(session, arguments,
                          TRY(with_file(arguments, session.exchange("POST", "/api/v1/rollouts", dumped(body)))));
}

Result<void> status(Session& session, const Arguments& arguments) {
  return tell(session, TRY(session.fetch(path_of(arguments))));
}

Result<void> list(Session& session, const Arguments& arguments) {
  std::string path = "/api/v1/rollouts?limit=100";
  if (const auto model = arguments.text("--model")) path += "&model=" + percent_encode(*model);
  const std::string answer = TRY(session.fetch(path));
  if (session.wants_json()) {
    print_json(answer);
    return {};
  }
  Table table({"NUMBER", "MODEL", "ENVIRONMENT", "STATE", "SERVES", "STARTED", "BY"});
  const json found = json::parse(answer);
  for (const json& each : found.at("rollouts")) {
    table.add({std::to_string(each.at("rollout").get<std::uint64_t>()), each.at("model").get<std::string>(),
               each.at("environment").get<std::string>(), each.at("state").get<std::string>(), shown(each.at("wants")),
               each.at("started_at").get<std::string>().substr(0, 19), each.at("started_by").get<std::string>()});
  }
  table.print();
  return {};
}

Result<void> history(Session& session, const Arguments& arguments) {
  if (session.wants_json()) {
    const std::string rollout = TRY(session.fetch(path_of(arguments)));
    print_json(whole_history(rollout, TRY(fetch_decisions(session, path_of(arguments)))));
    return {};
  }
  const std::string answer = TRY(session.fetch(path_of(arguments, "/decisions?limit=500")));
  Table table({"DECISION", "AT", "BY", "ACTION", "STATE", "SERVES", "REASON"});
  const json found = json::parse(answer);
  for (const json& each : found.at("decisions")) {
    const std::string actor = each.at("actor").get<std::string>();
    table.add({std::to_string(each.at("number").get<std::uint64_t>()), each.at("at").get<std::string>().substr(0, 19),
               actor.empty() ? "the controller" : actor, each.at("action").get<std::string>(),
               each.at("state").get<std::string>(), shown(each.at("wants")), each.at("reason").get<std::string>()});
  }
  table.print();
  return {};
}

Result<void> say(Session& session, const Arguments& arguments, const std::string& command, json body) {
  TRY(check_waiting_options(arguments));
  body["reason"] = arguments.at("--reason");
  return tell_when_served(session, arguments,
                          TRY(session.exchange("POST", path_of(arguments, "/" + command), dumped(body))),
                          command == "abort" ? "aborted" : "completed");
}
Result<void> pause(Session& session, const Arguments& arguments) {
  return say(session, arguments, "pause", json::object());
}
Result<void> resume(Session& session, const Arguments& arguments) {
  return say(session, arguments, "resume", json::object());
}
Result<void> abort_rollout(Session& session, const Arguments& arguments) {
  return say(session, arguments, "abort", json::object());
}
Result<void> approve(Session& session, const Arguments& arguments) {
  return say(session, arguments, "approve", json::object());
}
Result<void> promote(Session& session, const Arguments& arguments) {
  return say(session, arguments, "promote", {{"to", arguments.has("--to-the-end") ? "end" : "next"}});
}
// "25", "25%" or "2.55%" as basis points.
std::optional<std::uint64_t> basis_points_in(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  const std::string_view whole = text.substr(0, text.find('.'));
  std::string digits(text.substr(std::min(whole.size() + 1, text.size())));
  const bool has_point = whole.size() < text.size();
  if (whole.empty() || whole.size() > 3 || digits.size() > 2 || (has_point && digits.empty())) return std::nullopt;
  digits.resize(2, '0');
  digits.insert(0, whole);
  if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const std::uint64_t count = std::stoul(digits);
  return count <= 10'000 ? std::optional(count) : std::nullopt;
}

Result<void> set_weight(Session& session, const Arguments& arguments) {
  const std::string text = arguments.at("PERCENT");
  const auto weight = basis_points_in(text);
  if (weight) return say(session, arguments, "weight", {{"weight", *weight}});
  return invalid_input("expected a share of 0% to 100% with at most two decimals, found \"" + printable(text) + "\"");
}

Option number_option() {
  return {.name = "NUMBER", .help = "the rollout's", .required = true};
}
Option reason_option() {
  return {.name = "--reason", .value = "TEXT", .help = "why, for the record", .required = true};
}
Command saying(std::string name, std::string summary, ClientFunction function, std::vector<Option> more = {}) {
  Command command{.name = name, .summary = std::move(summary)};
  command.options = {number_option()};
  command.options.insert(command.options.end(), more.begin(), more.end());
  command.options.push_back(reason_option());
  if (name == "promote" || name == "abort" || name == "set-weight") add_waiting_options(command);
  const std::string value = name == "set-weight" ? " 25%" : "";
  command.examples = {"slipway rollout " + name + " 7" + value + " --reason \"as agreed\""};
  return client_command(std::move(command), function);
}

Command looking(std::string name, std::string summary, ClientFunction function) {
  Command command{.name = name, .summary = std::move(summary)};
  command.options = {number_option()};
  command.examples = {"slipway rollout " + name + " 7"};
  return client_command(std::move(command), function);
}

}  // namespace

Command rollout_command() {
  Command command{.name = "rollout", .summary = "Let a version take over traffic step by step"};
  Command begin{.name = "start", .summary = "Begin to roll a version out"};
  begin.details = "The model must be served by one version with all traffic. One rollout of a model is open at a time.";
  begin.options = {
      {.name = "NAME:VERSION", .help = "the candidate, or NAME@ALIAS", .required = true, .offers = Offers::Models},
      {.name = "--candidate", .value = "VERSION", .help = "one more, for a bandit", .repeated = true},
      {.name = "--environment", .value = "NAME", .help = "default: the server's own"},
      {.name = "--queue", .help = "wait for the rollout before it instead of refusing"},
      reason_option()};
  for (Option& option : plan_options()) begin.options.insert(begin.options.begin() + 1, std::move(option));
  add_waiting_options(begin);
  begin.examples = {"slipway rollout start fraud:4 --preset canary --reason \"new features\"",
                    "slipway rollout start fraud:4 --plan rollout.yaml --reason \"new features\""};
  Command all{.name = "list", .summary = "List rollouts, newest first"};
  all.options = {{.name = "--model", .value = "NAME", .help = "only of this model", .offers = Offers::Models}};
  all.examples = {"slipway rollout list --model fraud"};
  command.subcommands = {client_command(std::move(begin), start),
                         plan_rollout_command(),
                         client_command(std::move(all), list),
                         looking("status", "Show one rollout as it stands", status),
                         watch_rollout_command(),
                         explain_rollout_command(),
                         looking("history", "Show every decision of a rollout", history),
                         saying("pause", "Keep a rollout from going on; harm still ends it", pause),
                         saying("resume", "Let a paused rollout go on", resume),
                         saying("promote", "Go one step on, whatever the evidence says", promote,
                                {{.name = "--to-the-end", .help = "give the candidate all traffic"}}),
                         saying("abort", "Give all traffic back to the version before", abort_rollout),
                         drill_rollout_command(),
                         saying("set-weight", "Give the candidate this share of the traffic, and pause", set_weight,
                                {{.name = "PERCENT", .help = "0% to 100%, such as 2.5%", .required = true}}),
                         saying("approve", "Give your word for the next step that asks for an approval", approve)};
  command.examples = {"slipway rollout start fraud:4 --preset canary --reason \"new features\"",
                      "slipway rollout status 7"};
  return command;
}

}  // namespace slipway::cli
