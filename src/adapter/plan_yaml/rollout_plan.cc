#include "adapter/plan_yaml/rollout_plan.h"

#include <algorithm>
#include <charconv>

#include "adapter/plan_yaml/values.h"
#include "base/text.h"
#include "domain/model/serving.h"
#include "domain/rollout/plan.h"

namespace slipway::plan_yaml {
namespace {

using model::BasisPoints;
using rollout::Plan;
using rollout::Stage;
using rollout::Strategy;
using yaml::Field;

constexpr std::array<std::string_view, 3> kAutomationKeys = {"promote", "roll_back", "windows"};
constexpr std::array<std::string_view, 3> kWindowKeys = {"days", "from", "to"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};
constexpr std::array<std::string_view, 5> kPolicies = {"thompson_bernoulli", "thompson_gaussian", "ucb1",
                                                       "epsilon_greedy", "lin_ucb"};
constexpr std::array<std::string_view, 2> kSpendings = {"obrien_fleming", "pocock"};
constexpr std::array<std::string_view, 2> kModes = {"fixed", "anytime"};
constexpr std::uint32_t kMinutesOfDay = 24 * 60;

// "5%", "0.25 %": whole hundredths of a percent.
Result<BasisPoints> percent(const Field& field) {
  const auto wrong = [&] { return field.expected("a share from 0% to 100% such as 5% or 0.25%"); };
  std::string text = TRY(field.text());
  if (text.empty() || text.back() != '%') return wrong();
  text.pop_back();
  while (!text.empty() && text.back() == ' ') text.pop_back();
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits = text.substr(0, point);
  std::string hundredths = point < text.size() ? text.substr(point + 1) : "00";
  const bool is_sound = !digits.empty() && digits.size() <= 3 && !hundredths.empty() && hundredths.size() <= 2;
  if (!is_sound) return wrong();
  hundredths.resize(2, '0');
  digits += hundredths;
  const auto is_digit = [](char each) { return each >= '0' && each <= '9'; };
  if (!std::ranges::all_of(digits, is_digit)) return wrong();
  const auto count = static_cast<std::uint32_t>(std::stoul(digits));
  if (count > model::kWhole.count) return wrong();
  return BasisPoints{count};
}

Result<Duration> any_duration(const Field& field) {
  const auto value = parse_duration(TRY(field.text()));
  if (!value.ok() || *value < Duration{0}) return field.expected("a time such as 5m");
  return *value;
}

Result<std::vector<BasisPoints>> percents(const Field& field) {
  std::vector<BasisPoints> all;
  for (const Field& item : TRY(field.items(rollout::kMostSteps))) all.push_back(TRY(percent(item)));
  return all;
}

template <class Value, class Read>
auto maybe(Read&& read) {
  return [&read](const Field& field) -> Result<std::optional<Value>> {
    auto value = read(field);
    if (!value.ok()) return std::move(value).error();
    return std::optional<Value>(*std::move(value));
  };
}

Result<bool> flag(const Field& field) {
  return field.boolean();
}

// The keys of each strategy, laid over its preset.
struct Read {
  const Field& field;

  Result<void> check_keys(std::initializer_list<std::string_view> known) const {
    return field.check_keys(std::span(known.begin(), known.size()));
  }
  template <class Paced>
  Result<void> pace(Paced& each) const {
    TRY(take(field, "dwell", each.dwell, any_duration));
    return take(field, "limit", each.limit, maybe<Duration>(any_duration));
  }

  Result<void> operator()(rollout::Shadow& each) const {
    TRY(check_keys({"mirrored", "dwell", "limit"}));
    TRY(take(field, "mirrored", each.mirrored, percent));
    return pace(each);
  }
  Result<void> operator()(rollout::Canary& each) const {
    TRY(check_keys({"weights", "dwell", "limit", "holdback", "holdback_for"}));
    TRY(take(field, "weights", each.weights, percents));
    TRY(take(field, "holdback", each.holdback, percent));
    TRY(take(field, "holdback_for", each.holdback_for, any_duration));
    return pace(each);
  }
  Result<void> operator()(rollout::BlueGreen& each) const {
    TRY(check_keys({"warm", "keep"}));
    TRY(take(field, "warm", each.warm, any_duration));
    return take(field, "keep", each.keep, any_duration);
  }
  Result<void> operator()(rollout::Rolling& each) const {
    TRY(check_keys({"parts", "dwell", "limit"}));
    TRY(take(field, "parts", each.parts, [](const Field& value) { return value.integer(2, rollout::kMostSteps); }));
    return pace(each);
  }
  Result<void> operator()(rollout::ChampionChallenger& each) const {
    TRY(check_keys({"weights", "dwell", "limit"}));
    TRY(take(field, "weights", each.weights, percents));
    return pace(each);
  }
  Result<void> operator()(rollout::AbTest& each) const {
    TRY(check_keys({"weight", "mode", "horizon", "units", "looks", "spending"}));
    TRY(take(field, "weight", each.weight, percent));
    TRY(take(field, "mode", each.mode, [](const Field& value) -> Result<rollout::Horizon> {
      return static_cast<rollout::Horizon>(TRY(one_of(value, kModes)));
    }));
    TRY(take(field, "units", each.units, [](const Field& value) -> Result<std::uint64_t> {
      return static_cast<std::uint64_t>(TRY(value.integer(1, 1'000'000'000'000)));
    }));
    TRY(take(field, "looks", each.looks, [](const Field& value) -> Result<std::uint32_t> {
      return static_cast<std::uint32_t>(TRY(value.integer(1, stats::kMostLooks)));
    }));
    TRY(take(field, "spending", each.spending, [](const Field& value) -> Result<stats::Spending> {
      return static_cast<stats::Spending>(TRY(one_of(value, kSpendings)));
    }));
    return take(field, "horizon", each.horizon, duration);
  }
  Result<void> operator()(rollout::Bandit& each) const {
    TRY(check_keys({"policy", "epsilon", "floor", "largest_move", "update_every", "least_rewards", "dwell", "limit"}));
    TRY(take(field, "policy", each.policy, [](const Field& value) -> Result<rollout::Policy> {
      return static_cast<rollout::Policy>(TRY(one_of(value, kPolicies)));
    }));
    TRY(take(field, "epsilon", each.epsilon, inside_unit));
    TRY(take(field, "floor", each.floor, maybe<BasisPoints>(percent)));
    TRY(take(field, "largest_move", each.largest_move, percent));
    TRY(take(field, "update_every", each.update_every, duration));
    TRY(take(field, "least_rewards", each.least_rewards,
             [](const Field& value) { return number_between(value, 2, 1e9); }));
    return pace(each);
  }
};

Error unknown_preset(const Field& field) {
  std::string names;
  for (const std::string_view name : rollout::strategy_names())
    names += (names.empty() ? "" : ", ") + std::string(name);
  return field.expected("one of " + names);
}

// {canary: {dwell: 1m}, approval: true}
Result<Stage> stage(const Field& field) {
  std::vector<std::string_view> known(rollout::strategy_names().begin(), rollout::strategy_names().end());
  known.push_back("approval");
  TRY(field.check_keys(known));
  Stage read;
  std::optional<Field> body;
  for (const std::string_view name : rollout::strategy_names()) {
    const auto found = field.find(name);
    if (!found) continue;
    if (body) return field.expected("one strategy for each stage");
    body = found;
    read.strategy = *rollout::preset(name);
  }
  if (!body) return field.expected("a strategy such as canary");
  if (!body->is(yaml::Kind::Null)) TRY(std::visit(Read{*body}, read.strategy));
  TRY(take(field, "approval", read.approval, flag));
  Plan alone;
  alone.stages.push_back(read);
  if (auto sound = rollout::check(alone); !sound.ok()) {
    // The place says which stage it is.
    const std::string& message = sound.error().message;
    const std::string of = "stage 1 (" + std::string(rollout::name_of(read.strategy)) + "): ";
    return body->wrong(message.starts_with(of) ? message.substr(of.size()) : message);
  }
  return read;
}

// "09:30" as minutes of a day; "24:00" is its end.
Result<std::uint32_t> time_of_day(const Field& field) {
  const std::string text = TRY(field.text());
  const auto wrong = [&] { return field.expected("a time of day in UTC such as \"09:30\""); };
  if (text.size() != 5 || text[2] != ':') return wrong();
  std::uint32_t hours = 0;
  std::uint32_t minutes = 0;
  const auto hour = std::from_chars(text.data(), text.data() + 2, hours);
  const auto minute = std::from_chars(text.data() + 3, text.data() + 5, minutes);
  if (hour.ptr != text.data() + 2 || minute.ptr != text.data() + 5 || minutes > 59) return wrong();
  const std::uint32_t all = hours * 60 + minutes;
  if (all > kMinutesOfDay) return wrong();
  return all;
}

Result<void> add_windows(const Field& field, std::vector<rollout::Window>& windows) {
  TRY(field.check_keys(kWindowKeys));
  std::uint32_t from = 0;
  std::uint32_t to = kMinutesOfDay;
  TRY(take(field, "from", from, time_of_day));
  TRY(take(field, "to", to, time_of_day));
  if (from >= to) return field.expected("a window that begins before it ends; one across midnight is written as two");
  std::vector<std::size_t> days;
  if (const auto listed = field.find("days")) {
    for (const Field& item : TRY(listed->items(kDays.size()))) days.push_back(TRY(one_of(item, kDays)));
  } else {
    for (std::size_t day = 0; day < kDays.size(); ++day) days.push_back(day);
  }
  if (days.empty()) return field.expected("at least one day");
  for (const std::size_t day : days) {
    const auto start = static_cast<std::uint32_t>(day) * kMinutesOfDay;
    windows.push_back({start + from, start + to});
  }
  return {};
}

Result<rollout::Automation> automation(const Field& field) {
  rollout::Automation read;
  TRY(field.check_keys(kAutomationKeys));
  TRY(take(field, "promote", read.promote, flag));
  TRY(take(field, "roll_back", read.roll_back, flag));
  if (const auto windows = field.find("windows")) {
    for (const Field& item : TRY(windows->items(rollout::kMostWindows))) TRY(add_windows(item, read.windows));
  }
  return read;
}

}  // namespace

Result<Plan> RolloutPlanYaml::read(std::string_view yaml, std::string_view file) {
  const yaml::Document document = TRY(yaml::parse(yaml, file));
  const Field root(document, document.root, "");
  std::vector<std::string_view> known(kRolloutKeys.begin(), kRolloutKeys.end());
  known.insert(known.end(), kEvidenceKeys.begin(), kEvidenceKeys.end());
  TRY(root.check_keys(known));
  const auto named = root.find("preset");
  const auto stages = root.find("stages");
  if (named.has_value() == stages.has_value()) return root.expected("either a preset or stages");
  Plan plan;
  if (named) {
    const auto strategy = rollout::preset(TRY(named->text()));
    if (!strategy) return unknown_preset(*named);
    plan.stages.push_back({*strategy, false});
  } else {
    for (const Field& item : TRY(stages->items(rollout::kMostStages))) plan.stages.push_back(TRY(stage(item)));
  }
  TRY(take(root, "automation", plan.automation, automation));
  TRY(take(root, "approval_to_complete", plan.approval_to_complete, flag));
  if (auto sound = rollout::check(plan); !sound.ok()) return std::move(sound).error().within(printable(file));
  return plan;
}

}  // namespace slipway::plan_yaml
