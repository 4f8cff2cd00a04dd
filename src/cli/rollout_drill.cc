// slipway rollout drill: is there a way back, and how long does it take?
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/rollout_answers.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kPause{100};
constexpr int kMostLooks = 1'200;  // two minutes; the server gives up after one
constexpr std::string_view kBegun = "drill: the way back is rehearsed";

// The number as it is, or that of the model's open rollout.
Result<std::string> path_of(Session& session, const std::string& target) {
  if (target.find_first_not_of("0123456789") == std::string::npos) return rollout_path(target);
  const std::string answer = TRY(session.fetch("/api/v1/rollouts?limit=100&model=" + percent_encode(target)));
  const json told = json::parse(answer);
  for (const json& each : told.at("rollouts")) {
    const auto state = each.at("state").get<std::string>();
    if (state != "completed" && state != "aborted" && state != "queued") {
      return rollout_path(std::to_string(each.at("rollout").get<std::uint64_t>()));
    }
  }
  return session.refuse(not_found("no rollout of model \"" + printable(target) +
                                  "\" is open: there is a way back to rehearse while a candidate has traffic"));
}

// The decision that ended the drill begun after decision `after`; null: none did yet.
json end_of_drill(const std::string& decisions, std::uint64_t after) {
  json found;
  const json told = json::parse(decisions);
  for (const json& each : told.at("decisions")) {
    const auto reason = each.at("reason").get<std::string>();
    const bool is_later = each.at("number").get<std::uint64_t>() > after;
    if (is_later && reason.starts_with("drill: ") && !reason.starts_with(kBegun)) found = each;
  }
  return found;
}

Result<void> drill(Session& session, const Arguments& arguments) {
  const std::string path = TRY(path_of(session, arguments.at("NUMBER|MODEL")));
  const std::string body =
      json({{"reason", arguments.at("--reason")}}).dump(-1, ' ', true, json::error_handler_t::replace);
  const json begun = json::parse(TRY(session.exchange("POST", path + "/drill", body)));
  const auto number = begun.at("decisions").get<std::uint64_t>();
  for (int look = 0; look < kMostLooks; ++look) {
    const json ended = end_of_drill(TRY(session.fetch(path + "/decisions?limit=20")), number);
    if (!ended.is_null()) {
      const auto reason = ended.at("reason").get<std::string>();
      session.wants_json() ? print_json(ended.dump()) : print(clean(reason) + "\n");
      if (reason.find(" did not serve ") == std::string::npos) return {};
      return session.refuse(deadline_exceeded("the way back is too slow"));
    }
    const json now = json::parse(TRY(session.fetch(path)));
    const auto state = now.at("state").get<std::string>();
    if (state != "applying" && state != "observing" && state != "awaiting_approval") {
      return session.refuse(conflict("the drill was overtaken: the rollout is " + state + ": " +
                                     clean(now.at("reason").get<std::string>())));
    }
    std::this_thread::sleep_for(kPause);
  }
  return session.refuse(deadline_exceeded("the drill has not ended after two minutes; look at the rollout's history"));
}

}  // namespace

Command drill_rollout_command() {
  Command command{.name = "drill", .summary = "Rehearse the way back on live traffic, and time it"};
  command.options = {
      {.name = "NUMBER|MODEL", .help = "the rollout's number, or the model's open one", .required = true},
      {.name = "--reason", .value = "TEXT", .help = "why, for the record", .required = true}};
  command.details =
      "Gives the version before all traffic for a moment, the way a rollback does, and then everything back as it was. "
      "Nobody is harmed: that version is loaded and known to be good. How long it took until it served is a decision "
      "of the "
      "rollout.";
  command.examples = {"slipway rollout drill 7 --reason \"before the weekend\""};
  return client_command(std::move(command), drill);
}

}  // namespace slipway::cli
