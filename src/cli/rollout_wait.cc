#include "cli/rollout_wait.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/text.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{100};
constexpr std::uint64_t kUsualSeconds = 300;
constexpr std::uint64_t kMostSeconds = 86'400;

Result<std::uint64_t> seconds_in(const Arguments& arguments) {
  const auto said = arguments.text("--timeout");
  if (!said) return kUsualSeconds;
  std::uint64_t seconds = 0;
  const auto [end, status] = std::from_chars(said->data(), said->data() + said->size(), seconds);
  const bool is_whole = status == std::errc{} && end == said->data() + said->size();
  if (is_whole && seconds >= 1 && seconds <= kMostSeconds) return seconds;
  return invalid_input("--timeout: expected 1 to " + std::to_string(kMostSeconds) + " seconds, found \"" +
                       printable(*said) + "\"");
}

}  // namespace

void add_waiting_options(Command& command) {
  command.options.push_back({.name = "--wait", .help = "return when the traffic is served, or say why not"});
  command.options.push_back({.name = "--timeout", .value = "SECONDS", .help = "how long --wait waits; default 300"});
}

Result<void> check_waiting_options(const Arguments& arguments) {
  TRY(seconds_in(arguments));
  return {};
}

Result<std::string> wait_until_served(Session& session, const Arguments& arguments, std::string answer,
                                      std::string_view end) {
  const std::uint64_t seconds = TRY(seconds_in(arguments));
  const auto until = Steady::now() + std::chrono::seconds(seconds);
  for (;;) {
    const json now = json::parse(answer);
    const auto state = now.at("state").get<std::string>();
    if (state == end || state == "observing" || state == "awaiting_approval") return answer;
    const std::string number = std::to_string(now.at("rollout").get<std::uint64_t>());
    const std::string standing = "rollout " + number + " is " + clean(state);
    if (state == "completed" || state == "aborted") {
      return session.refuse(conflict(standing + ": " + clean(now.at("reason").get<std::string>())));
    }
    if (Steady::now() >= until) {
      return session.refuse(deadline_exceeded(standing + " still after " + std::to_string(seconds) +
                                              " s: " + clean(now.at("holding").get<std::string>())));
    }
    std::this_thread::sleep_for(kPause);
    answer = TRY(session.fetch("/api/v1/rollouts/" + number));
  }
}

}  // namespace slipway::cli
