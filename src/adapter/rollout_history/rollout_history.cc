#include "adapter/rollout_history/rollout_history.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/time_text.h"
#include "domain/model/serving.h"
#include "domain/rollout/plan.h"

namespace slipway::rollout_history {
namespace {

using nlohmann::json;

// One object of the list, with where it stands in messages.
class Fields {
 public:
  Fields(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

  Result<std::string> text(const char* key) const {
    const auto found = object_.find(key);
    if (found != object_.end() && found->is_string()) return found->get<std::string>();
    return wrong(key, "a text");
  }
  Result<std::uint64_t> count(const char* key, std::uint64_t most) const {
    const auto found = object_.find(key);
    if (found != object_.end() && found->is_number_unsigned() && found->get<std::uint64_t>() <= most) {
      return found->get<std::uint64_t>();
    }
    return wrong(key, "a number of 0 to " + std::to_string(most));
  }
  Error wrong(const char* key, const std::string& expected) const {
    return invalid_input(where_ + ", " + key + ": expected " + expected);
  }
  const json& object() const { return object_; }

 private:
  const json& object_;
  std::string where_;
};

Result<rollout::Traffic> traffic_in(const Fields& fields) {
  rollout::Traffic traffic;
  const auto shares = fields.object().find("wants");
  if (shares == fields.object().end() || !shares->is_array() || shares->size() > model::kMostShares) {
    return fields.wrong("wants", "a list of at most " + std::to_string(model::kMostShares) + " shares");
  }
  for (const json& each : *shares) {
    if (!each.is_object()) return fields.wrong("wants", "shares of versions");
    const Fields share(each, "wants");
    const std::uint64_t version = TRY(share.count("version", UINT64_MAX));
    const auto count = static_cast<std::uint32_t>(TRY(share.count("share", model::kWhole.count)));
    traffic.shares.push_back({version, {count}});
  }
  if (const auto mirrored = fields.object().find("mirrored"); mirrored != fields.object().end()) {
    traffic.mirrored.count = static_cast<std::uint32_t>(TRY(fields.count("mirrored", model::kWhole.count)));
  }
  return traffic;
}

Result<ports::RolloutDecision> decision_in(const json& object, std::size_t place) {
  const std::string where = "decision " + std::to_string(place + 1) + " of the list";
  if (!object.is_object()) return invalid_input(where + ": expected an object");
  const Fields fields(object, where);
  ports::RolloutDecision decision{.number = TRY(fields.count("number", UINT64_MAX))};
  decision.at = TRY(parse_rfc3339(TRY(fields.text("at"))));
  decision.actor = TRY(fields.text("actor"));
  decision.action = TRY(fields.text("action"));
  const std::string state = TRY(fields.text("state"));
  const auto known = rollout::parse_state(state);
  if (!known) return fields.wrong("state", "a state of rollouts, found \"" + printable(state) + "\"");
  decision.state = *known;
  const std::uint64_t step = TRY(fields.count("step", rollout::kMostSteps));
  if (step == 0) return fields.wrong("step", "a number of 1 or more");
  decision.position = step - 1;
  decision.wanted = TRY(traffic_in(fields));
  decision.reason = TRY(fields.text("reason"));
  decision.evidence = TRY(fields.text("evidence"));
  decision.program = TRY(fields.text("program"));
  decision.basis = TRY(fields.text("basis"));
  return decision;
}

}  // namespace

Result<History> read_history(std::string_view text) {
  const json all = json::parse(text, nullptr, false);
  const auto list = all.is_object() ? all.find("decisions") : all.end();
  if (!all.is_object() || list == all.end() || !list->is_array() || list->size() > kMostDecisions) {
    return invalid_input("expected a JSON object with at most " + std::to_string(kMostDecisions) +
                         " `decisions`, as `slipway rollout history --json` prints it");
  }
  History history;
  if (const auto rollout = all.find("rollout"); rollout != all.end() && rollout->is_object()) {
    history.plan.emplace(TRY(Fields(*rollout, "rollout").text("plan")));
  }
  for (std::size_t i = 0; i < list->size(); ++i) history.decisions.push_back(TRY(decision_in((*list)[i], i)));
  std::ranges::sort(history.decisions, {}, &ports::RolloutDecision::number);
  const auto twice = std::ranges::adjacent_find(history.decisions, {}, &ports::RolloutDecision::number);
  if (twice != history.decisions.end()) {
    return invalid_input("expected each decision once, found number " + std::to_string(twice->number) + " twice");
  }
  return history;
}

}  // namespace slipway::rollout_history
