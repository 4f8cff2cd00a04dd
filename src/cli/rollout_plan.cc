// slipway rollout plan: what a plan would do, and how long that takes.
#include "cli/rollout_plan.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "cli/chart.h"
#include "cli/commands.h"
#include "cli/rollout_story.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

constexpr std::uintmax_t kLongestPlan = 64 * 1'024;

// What a model is asked, in a second, and the share of it that failed since its versions were loaded.
struct Rate {
  std::optional<double> requests_per_second, error_rate;
  std::string said;  // how it is known
};

struct Count {
  double answers = 0, failures = 0;
};

Result<Count> count_of(Session& session, const std::string& model) {
  const json told = json::parse(TRY(session.fetch("/v2/models/" + percent_encode(model) + "/stats")));
  Count count;
  for (const json& version : told.at("model_stats")) {
    const json& kinds = version.at("inference_stats");
    count.failures += kinds.at("fail").at("count").get<double>();
    count.answers += kinds.at("success").at("count").get<double>();
  }
  count.answers += count.failures;
  return count;
}

Result<Duration> span_in(const Arguments& arguments) {
  const std::string said = arguments.text("--measure").value_or("2s");
  const auto span = parse_duration(said);
  if (span.ok() && *span >= std::chrono::milliseconds(1) && *span <= std::chrono::minutes(10)) return *span;
  return invalid_input("--measure: expected a time of 1ms to 10m such as 2s, found \"" + printable(said) + "\"");
}

// "120" or "0.5%"
Result<std::optional<double>> number_in(const Arguments& arguments, const char* option) {
  const auto said = arguments.text(option);
  if (!said) return std::optional<double>();
  char* end = nullptr;
  double value = std::strtod(said->c_str(), &end);
  if (end != said->c_str() && *end == '%') ++end, value /= 100;
  if (end != said->c_str() && *end == '\0' && std::isfinite(value) && value >= 0) return std::optional(value);
  return invalid_input(std::string(option) + ": expected a number such as " +
                       (std::string_view(option) == "--rate" ? "120" : "0.5%") + ", found \"" + printable(*said) +
                       "\"");
}

Result<Rate> rate_in(Session& session, const Arguments& arguments) {
  Rate rate;
  rate.requests_per_second = TRY(number_in(arguments, "--rate"));
  rate.error_rate = TRY(number_in(arguments, "--error-rate"));
  if (rate.requests_per_second == 0.0) return invalid_input("--rate: expected more than 0 requests per second");
  const auto model = arguments.text("--model");
  if (rate.requests_per_second) rate.said = "as you say";
  if (!model) return rate;
  const Count before = TRY(count_of(session, *model));
  Count after = before;
  if (!rate.requests_per_second) {
    const Duration span = TRY(span_in(arguments));
    const auto started = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(span);
    after = TRY(count_of(session, *model));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    const double found = (after.answers - before.answers) / seconds;
    if (found > 0) rate.requests_per_second = found;
    rate.said = found > 0 ? "as in the last " + shown_seconds(seconds) : "";
  }
  if (!rate.error_rate && after.answers > 0) rate.error_rate = after.failures / after.answers;
  return rate;
}

// "Mon 08:00", of a minute of the week.
std::string minute_text(std::uint64_t minute) {
  static constexpr std::array<const char*, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const auto two = [](std::uint64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::string(kDays.at(minute / 1'440 % 7)) + " " + two(minute / 60 % 24) + ":" + two(minute % 60);
}

// "24,100"
std::string count_text(double count) {
  std::string text = std::to_string(static_cast<std::uint64_t>(count));
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string share_text(double share) {
  if (share > 0 && share < 0.0005) return "less than 0.1 %";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), share < 0.995 ? "%.2g %%" : "%.0f %%", 100 * share);
  return text.data();
}

std::string time_text(const json& seconds) {
  return seconds.is_null() ? "?" : shown_seconds(seconds.get<double>());
}

std::string requests_text(const json& step) {
  const json& requests = step.at("requests");
  if (requests.is_null()) return "?";
  return requests.get<double>() == 0 && step.at("metric").get<std::string>().empty()
             ? "-"
             : count_text(requests.get<double>());
}

void print_steps(const json& told) {
  const bool is_foretold = told.contains("forecast");
  const bool has_units = is_foretold && told.at("forecast").value("counts", "") == "units";
  Table table({"STEP", "STAGE", "WEIGHT", "MIRRORED", "AT LEAST", "LEFT ON", has_units ? "UNITS" : "REQUESTS", "ABOUT",
               "APPROVAL"});
  std::uint64_t number = 0;
  for (const json& step : told.at("steps")) {
    const json taken = is_foretold ? told.at("forecast").at("steps").at(number) : json();
    table.add({std::to_string(++number), std::to_string(step.at("stage").get<std::uint64_t>()),
               percent_text(step.at("weight").get<std::uint64_t>()),
               percent_text(step.at("mirrored").get<std::uint64_t>()),
               shown_seconds(step.at("dwell_seconds").get<double>()), step.at("needs").get<std::string>(),
               is_foretold ? requests_text(taken) : "?", is_foretold ? time_text(taken.at("seconds")) : "?",
               step.at("approval").get<bool>() ? "yes" : ""});
  }
  table.print();
}

// Why a step has no number; each reason once.
void print_unknown(const json& forecast) {
  std::vector<std::string> said;
  for (const json& step : forecast.at("steps")) {
    const auto why = step.at("why").get<std::string>();
    if (why.empty() || std::ranges::find(said, why) != said.end()) continue;
    const auto metric = step.at("metric").get<std::string>();
    print("?: " + clean(metric.empty() ? why : metric + ": " + why) + "\n");
    said.push_back(why);
  }
}

void print_promises(const json& forecast) {
  const json& worse = forecast.at("false_promotion");
  std::string text = "A version that is no worse is rolled back with a chance of at most " +
                     share_text(forecast.at("false_rollback").get<double>());
  if (!worse.is_null()) {
    text += "; one that is worse by a margin is promoted with at most " + share_text(worse.get<double>());
  }
  text += ", whenever and however often it is looked at";
  print(text + (worse.is_null() ? "; nothing is asked before it is promoted.\n" : ".\n"));
  if (forecast.value("alpha_over", "") == "model") {
    print(
        "alpha_over: model: these numbers are of the model's first rollout; later ones have less alpha, and find harm "
        "later.\n");
  }
}

void print_forecast(const json& forecast, const Rate& rate) {
  const bool has_units = forecast.value("counts", "") == "units";
  print(std::string("\n") + (has_units ? "UNITS" : "REQUESTS") +
        ", of both versions together, are what the evidence of a step needs beyond the steps before it, if both are "
        "equally good.\n");
  if (has_units) print("A unit counts once: ABOUT is the least, as if every request came from a new one.\n");
  print_unknown(forecast);
  const std::string errors = share_text(rate.error_rate.value_or(0)) + " of the answers failing";
  if (rate.requests_per_second) {
    const json& all = forecast.at("seconds");
    print(
        "At " + shown_number(*rate.requests_per_second) + " requests per second, " + rate.said + ", and " + errors +
        (all.is_null() ? ": how long it takes in all cannot be said.\n" : ": about " + time_text(all) + " in all.\n"));
  } else {
    print("With " + errors + ". How long that takes: --model NAME measures its requests, --rate says them.\n");
  }
  print_promises(forecast);
  for (const json& each : forecast.at("harm")) {
    if (each.at("found").is_null()) continue;
    print("Harm that is not found before the end, with a chance of " + share_text(1 - each.at("found").get<double>()) +
          ": " + clean(each.at("metric").get<std::string>()) + ", " + clean(each.at("effect").get<std::string>()) +
          ".\n");
  }
  if (const json& fuse = forecast.at("fuse"); !fuse.is_null()) {
    print("The fuse rolls back at " + std::to_string(fuse.at("errors").get<std::uint64_t>()) + " errors in " +
          std::to_string(fuse.at("window").get<std::uint64_t>()) +
          " answers; where 5 % fail, such a window comes by chance with " +
          shown_number(fuse.at("false_alarm").get<double>()) + ".\n");
  }
}

Result<void> rehearse(Session& session, const Arguments& arguments) {
  json body;
  body["plan"] = TRY(plan_in(arguments));
  const Rate rate = TRY(rate_in(session, arguments));
  if (rate.requests_per_second) body["requests_per_second"] = *rate.requests_per_second;
  if (rate.error_rate) body["error_rate"] = *rate.error_rate;
  const std::string text = body.dump(-1, ' ', true, json::error_handler_t::replace);
  const std::string answer = TRY(with_file(arguments, session.exchange("POST", "/api/v1/rollout-plan", text)));
  if (session.wants_json()) {
    print_json(answer);
    return {};
  }
  const json told = json::parse(answer);
  print_steps(told);
  for (const json& window : told.at("windows")) {
    print("goes on by itself from " + minute_text(window.at("from").get<std::uint64_t>()) + " to " +
          minute_text(window.at("to").get<std::uint64_t>()) + " (UTC)\n");
  }
  if (told.contains("forecast")) print_forecast(told.at("forecast"), rate);
  return {};
}

}  // namespace

Result<std::string> plan_in(const Arguments& arguments) {
  const auto preset = arguments.text("--preset");
  const auto path = arguments.text("--plan");
  if (preset.has_value() == path.has_value()) return invalid_input("expected either --plan FILE or --preset NAME");
  if (preset) return "preset: " + *preset + "\n";
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(*path, failure);
  if (failure) return not_found(printable(*path) + ": " + failure.message());
  if (size > kLongestPlan) {
    return invalid_input(printable(*path) + ": expected a plan of at most " + human_bytes(kLongestPlan) + ", found " +
                         human_bytes(size));
  }
  std::string text(size, '\0');
  std::ifstream file(*path, std::ios::binary);
  if (!file.read(text.data(), static_cast<std::streamsize>(size))) {
    return unavailable(printable(*path) + ": cannot be read");
  }
  return text;
}

Result<std::string> with_file(const Arguments& arguments, Result<std::string> answer) {
  constexpr std::string_view kName = "plan:";
  const auto path = arguments.text("--plan");
  if (answer.ok() || !path || !answer.error().message.starts_with(kName)) return answer;
  Error error = answer.error();
  error.message.replace(0, kName.size() - 1, printable(*path));
  return error;
}

std::vector<Option> plan_options() {
  return {{.name = "--plan",
           .value = "FILE",
           .help = "a rollout plan, docs/formats/rollout-plan.md",
           .offers = Offers::Files},
          {.name = "--preset",
           .value = "NAME",
           .help = "shadow, canary, blue_green, rolling, champion_challenger, ab_test or bandit, with defaults"}};
}

Command plan_rollout_command() {
  Command command{.name = "plan", .summary = "Show the steps of a plan and what they take; nothing is changed"};
  command.options = plan_options();
  command.options.push_back({.name = "--dry-run", .help = "what it always is: nothing is changed"});
  command.options.push_back({.name = "--model",
                             .value = "NAME",
                             .help = "measure how often this model is asked now, and fails",
                             .offers = Offers::Models});
  command.options.push_back({.name = "--measure", .value = "TIME", .help = "for so long (2s)"});
  command.options.push_back({.name = "--rate", .value = "NUMBER", .help = "requests per second, instead"});
  command.options.push_back({.name = "--error-rate", .value = "SHARE", .help = "of answers that fail, such as 0.5%"});
  command.details =
      "How many requests each step needs before its evidence lets it go on, how long that takes at the model's present "
      "rate, and the chances of a false rollback and of missing harm.";
  command.examples = {"slipway rollout plan --preset canary --model fraud --dry-run",
                      "slipway rollout plan --plan rollout.yaml --rate 120 --error-rate 0.5%"};
  return client_command(std::move(command), rehearse);
}

}  // namespace slipway::cli
