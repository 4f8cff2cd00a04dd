// slipway deploy, undeploy, rollback, status: what is served.
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

// What came from the command line may not be UTF-8.
std::string written(const json& body) {
  return body.dump(-1, ' ', true, json::error_handler_t::replace);
}
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr double kUsualWait = 300;  // seconds
constexpr auto kPoll = 100ms;
// A failure of the same version that was there before the change counts only if it is still there after this.
constexpr auto kOldFailure = 5s;

std::string serving_path(const std::string& name, const Arguments& arguments, const char* tail = "") {
  std::string path = "/api/v1/serving/" + percent_encode(name) + tail;
  if (const auto environment = arguments.text("--environment")) path += "?environment=" + percent_encode(*environment);
  return path;
}

std::string with_reason(std::string path, const Arguments& arguments) {
  const auto reason = arguments.text("--reason");
  if (!reason) return path;
  return path + (path.find('?') == std::string::npos ? "?" : "&") + "reason=" + percent_encode(*reason);
}

std::string describe(const json& desired) {
  std::string text = clean(desired.at("model").get<std::string>());
  for (const json& share : desired.at("split")) {
    char part[64];
    std::snprintf(part, sizeof part, "  %llu: %g%%", share.at("version").get<unsigned long long>(),
                  static_cast<double>(share.at("share").get<std::uint64_t>()) / 100);
    text += part;
  }
  if (const json mirror = desired.value("mirror", json()); !mirror.is_null()) {
    char part[64];
    std::snprintf(part, sizeof part, ", %g%% mirrored to %llu",
                  static_cast<double>(mirror.at("share").get<std::uint64_t>()) / 100,
                  mirror.at("to").get<unsigned long long>());
    text += part;
  }
  return text + "  in " + clean(desired.at("environment").get<std::string>()) + ", revision " +
         std::to_string(desired.at("revision").get<std::uint64_t>());
}

Result<double> read_seconds(const Arguments& arguments) {
  const auto text = arguments.text("--timeout");
  if (!text) return kUsualWait;
  double seconds = 0;
  const auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (status != std::errc{} || end != text->data() + text->size() || !(seconds > 0) || seconds > 86400) {
    return invalid_input("--timeout: expected seconds between 0 and 86400, found \"" + printable(*text) + "\"");
  }
  return seconds;
}

// How the version of one share stands: "ready", "loading", ..., and why.
std::pair<std::string, std::string> state_of(const json& desired, std::uint64_t version) {
  for (const json& state : desired.at("states")) {
    if (state.at("version").get<std::uint64_t>() == version) {
      return {state.at("state").get<std::string>(), state.at("reason").get<std::string>()};
    }
  }
  return {"waiting", ""};
}

enum class Standing { Live, Failed, Coming };
struct Progressed {
  Standing standing = Standing::Live;
  std::string text;
};
Progressed standing_of(const json& desired) {
  Progressed all;
  for (const json& share : desired.at("split")) {
    const auto version = share.at("version").get<std::uint64_t>();
    const auto [state, reason] = state_of(desired, version);
    if (state == "ready") continue;
    const bool failed = state == "unavailable";
    if (all.standing == Standing::Failed) continue;
    all.standing = failed ? Standing::Failed : Standing::Coming;
    all.text = "version " + std::to_string(version) + (failed ? " failed: " + clean(reason) : " is " + clean(state));
  }
  return all;
}

// Waits until every version asked for answers requests. Refused: it failed, was overtaken, or took too long.
Result<json> wait_until_live(Session& session, const Arguments& arguments, json desired) {
  const double seconds = TRY(read_seconds(arguments));
  const auto began = Steady::now();
  const auto until = began + std::chrono::duration<double>(seconds);
  const std::uint64_t revision = desired.at("revision").get<std::uint64_t>();
  const std::string path = serving_path(desired.at("model").get<std::string>(), arguments);
  const std::string failed_before = standing_of(desired).standing == Standing::Failed ? standing_of(desired).text : "";
  Progress progress("");
  while (true) {
    const Progressed now = standing_of(desired);
    if (now.standing == Standing::Live) return desired;
    const bool old_news = now.text == failed_before && Steady::now() - began < kOldFailure;
    if (now.standing == Standing::Failed && !old_news) return session.refuse(not_ready(now.text));
    if (Steady::now() >= until) {
      return session.refuse(
          deadline_exceeded("not live after " + std::to_string(static_cast<int>(seconds)) + " s: " + now.text));
    }
    progress.show(now.text);
    std::this_thread::sleep_for(kPoll);
    desired = json::parse(TRY(session.fetch(path)));
    if (const auto found = desired.at("revision").get<std::uint64_t>(); found != revision) {
      return session.refuse(conflict("somebody else deployed meanwhile: expected revision " + std::to_string(revision) +
                                     ", found " + std::to_string(found)));
    }
  }
}

struct ReadShare {
  std::uint64_t version;
  long long basis_points;
};

// "4=10" or "4=10%", with up to two decimals.
std::optional<ReadShare> read_share(std::string_view part) {
  std::uint64_t version = 0;
  double percent = 0;
  const char* end = part.data() + part.size();
  const auto first = std::from_chars(part.data(), end, version);
  if (first.ec != std::errc{} || version == 0 || first.ptr == end || *first.ptr != '=') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, percent);
  const bool is_whole = second.ptr == end || (second.ptr + 1 == end && *second.ptr == '%');
  if (second.ec != std::errc{} || !is_whole || !(percent >= 0 && percent <= 100)) return std::nullopt;
  const long long basis_points = std::llround(percent * 100);
  if (std::fabs(percent * 100 - static_cast<double>(basis_points)) > 1e-6) return std::nullopt;
  return ReadShare{version, basis_points};
}

// "3=90,4=10" in percent.
Result<json> read_split(const std::string& text) {
  json split = json::array();
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const auto share = read_share(part);
    if (!share) {
      return invalid_input("--split: expected VERSION=PERCENT parts such as 3=90,4=10, found \"" + printable(part) +
                           "\"");
    }
    split.push_back({{"version", share->version}, {"share", share->basis_points}});
  }
  return split;
}

// "4", all of the requests, or "4=10".
Result<json> read_mirror(const std::string& text) {
  const auto share = read_share(text.find('=') == std::string::npos ? text + "=100" : text);
  if (!share || share->basis_points == 0) {
    return invalid_input("--mirror: expected VERSION or VERSION=PERCENT such as 4=10, found \"" + printable(text) +
                         "\"");
  }
  return json{{"to", share->version}, {"share", share->basis_points}};
}

Result<void> report(Session& session, const Arguments& arguments, json desired) {
  const bool waits = arguments.has("--wait");
  if (waits) desired = TRY(wait_until_live(session, arguments, std::move(desired)));
  if (session.wants_json()) {
    print_json(desired.dump());
  } else {
    print(describe(desired) + (waits ? ": live\n" : "\n"));
  }
  return {};
}

// States are told for the server's own environment only.
Result<void> check_environment(Session& session, const Arguments& arguments) {
  const auto asked = arguments.text("--environment");
  if (!asked || !arguments.has("--wait")) return {};
  const json status = json::parse(TRY(session.fetch("/api/v1/status")));
  const auto own = status.at("environment").get<std::string>();
  if (own == *asked) return {};
  return invalid_input("--wait: expected the environment of this server, " + clean(own) + ", found " + clean(*asked));
}

Result<void> deploy(Session& session, const Arguments& arguments) {
  TRY(read_seconds(arguments));
  const Reference reference = TRY(read_reference(session, arguments.at("NAME")));
  json body = json::object();
  if (const auto split = arguments.text("--split")) {
    if (reference.version > 0 || !reference.alias.empty()) {
      return invalid_input("expected NAME alone with --split, found \"" + printable(arguments.at("NAME")) + "\"");
    }
    body["split"] = TRY(read_split(*split));
  }
  if (const auto unit = arguments.text("--unit")) body["assignment"] = {{"unit", *unit}};
  if (const auto mirror = arguments.text("--mirror")) body["mirror"] = TRY(read_mirror(*mirror));
  if (reference.version > 0) body["version"] = reference.version;
  if (!reference.alias.empty()) body["alias"] = reference.alias;
  if (const auto reason = arguments.text("--reason")) body["reason"] = *reason;
  TRY(check_environment(session, arguments));
  return report(session, arguments,
                json::parse(TRY(session.exchange("PUT", serving_path(reference.name, arguments), written(body)))));
}

Result<void> rollback(Session& session, const Arguments& arguments) {
  TRY(read_seconds(arguments));
  TRY(check_environment(session, arguments));
  json body = json::object();
  if (const auto reason = arguments.text("--reason")) body["reason"] = *reason;
  const std::string path = serving_path(arguments.at("NAME"), arguments, "/rollback");
  return report(session, arguments, json::parse(TRY(session.exchange("POST", path, written(body)))));
}

Result<void> undeploy(Session& session, const Arguments& arguments) {
  const std::string name = arguments.at("NAME");
  TRY(session.exchange("DELETE", with_reason(serving_path(name, arguments), arguments), ""));
  session.wants_json() ? print_json(json({{"undeployed", name}}).dump()) : print("undeployed " + clean(name) + "\n");
  return {};
}

Result<void> status(Session& session, const Arguments&) {
  const json answer = json::parse(TRY(session.fetch("/api/v1/status")));
  if (session.wants_json()) {
    print_json(answer.dump());
    return {};
  }
  print("slipway " + clean(answer.at("version").get<std::string>()) + " at " + session.server() + "\n" +
        "environment  " + clean(answer.at("environment").get<std::string>()) + "\n" + "ready        " +
        (answer.at("ready").get<bool>() ? "yes" : "no") + "\n" + "up           " +
        std::to_string(answer.at("uptime_seconds").get<std::uint64_t>()) + " s\n");
  if (answer.at("models").empty()) return {};
  print("\n");
  Table table({"MODEL", "VERSION", "STATE", "REASON"});
  for (const json& state : answer.at("models")) {
    table.add({state.at("model").get<std::string>(), std::to_string(state.at("version").get<std::uint64_t>()),
               state.at("state").get<std::string>(), state.at("reason").get<std::string>()});
  }
  table.print();
  return {};
}

std::vector<Option> common_options(bool waits) {
  std::vector<Option> options;
  if (waits) {
    options.push_back({.name = "--wait", .help = "return when it is live, or say why it failed"});
    options.push_back({.name = "--timeout", .value = "SECONDS", .help = "how long --wait waits; default 300"});
  }
  options.push_back({.name = "--environment", .value = "NAME", .help = "default: the server's own"});
  options.push_back({.name = "--reason", .value = "TEXT", .help = "why, for the history"});
  return options;
}

Command serving_command(Command command, Option name, bool waits, ClientFunction function) {
  auto options = common_options(waits);
  options.insert(options.begin(), std::move(name));
  command.options.insert(command.options.begin(), options.begin(), options.end());
  return client_command(std::move(command), function);
}

Option name_option(std::string help) {
  return {.name = "NAME", .help = std::move(help), .required = true, .offers = Offers::Models};
}

}  // namespace

Command deploy_command() {
  Command command{.name = "deploy", .summary = "Serve a version of a model"};
  command.details = "Without a version the newest validated one is taken. An alias is resolved once, now.";
  command.options = {
      {.name = "--split", .value = "SPLIT", .help = "percent of the traffic by version: 3=90,4=10"},
      {.name = "--unit",
       .value = "SOURCE",
       .help = "what stays with its version: header:NAME, input:NAME, parameter, principal, request"},
      {.name = "--mirror",
       .value = "VERSION[=PERCENT]",
       .help = "a version that requests go to as well, once they are answered; nobody sees its answers"}};
  command.examples = {"slipway deploy fraud --wait", "slipway deploy fraud:3 --wait --reason \"passed review\"",
                      "slipway deploy fraud@champion",
                      "slipway deploy fraud --split 3=90,4=10 --unit header:x-customer",
                      "slipway deploy fraud:3 --mirror 4=10"};
  return serving_command(std::move(command), name_option("NAME, NAME:VERSION or NAME@ALIAS"), true, deploy);
}

Command rollback_command() {
  Command command{.name = "rollback", .summary = "Serve again what was served before"};
  command.details = "Restores the last version that had all the traffic. Repeating it walks further back.";
  command.examples = {"slipway rollback fraud --wait", "slipway rollback fraud --reason \"wrong answers since noon\""};
  return serving_command(std::move(command), name_option("the model"), true, rollback);
}

Command undeploy_command() {
  Command command{.name = "undeploy", .summary = "Stop serving a model"};
  command.examples = {"slipway undeploy fraud"};
  return serving_command(std::move(command), name_option("the model"), false, undeploy);
}

Command status_command() {
  Command command{.name = "status", .summary = "Show the server and the models it has loaded"};
  command.examples = {"slipway status", "slipway status --json --url unix:/run/slipway.sock"};
  return client_command(std::move(command), status);
}

}  // namespace slipway::cli
