#include "app/rollout_traffic.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::app {
namespace {

constexpr std::size_t kLongestReason = 480;  // of the registry's 2,000 bytes: one may become four

// The assignment of a rollout's split: the model's own rule, drawn anew under the rollout's name, and control answers
// who does not take part. Once one version alone is left, the model's rule is as it was.
model::AssignmentRule rule_of(model::AssignmentRule rule, const rollout::Traffic& traffic, std::uint64_t number,
                              model::VersionNumber control) {
  const std::string mark = "rollout-" + std::to_string(number);
  if (rule.experiment.ends_with("/" + mark)) {
    rule.experiment.resize(rule.experiment.size() - mark.size() - 1);
  } else if (rule.experiment == mark) {
    rule.experiment.clear();
  }
  const bool is_split = traffic.shares.size() > 1;
  if (is_split) rule.experiment += (rule.experiment.empty() ? "" : "/") + mark;
  if (rule.experiment.size() > model::kLongestRuleText) rule.experiment = mark;
  rule.control = is_split ? control : 0;
  rule.slicing = {};
  return rule;
}

}  // namespace

Result<ports::ServedTraffic> RolloutTraffic::served(std::string_view environment, const model::ModelName& model) {
  const auto found = TRY(desired(environment, model));
  if (found) {
    const auto& [desired, revision] = *found;
    ports::ServedTraffic served{.revision = revision};
    served.traffic.shares.assign(desired.split.shares().begin(), desired.split.shares().end());
    if (desired.mirror) served.traffic.mirrored = desired.mirror->share;
    const auto entries = TRY(parts_.metadata.entries(environment, model, revision + 1, 1));
    served.is_live = !entries.empty() && entries[0].record.number == revision && entries[0].record.live;
    if (!served.is_live && environment == parts_.environment) served.load_failure = failure_of(desired);
    return served;
  }
  return not_found("model \"" + model.text() + "\" is not served in " + std::string(environment) +
                   ": deploy a version first");
}

Result<std::optional<ports::Stored<model::DesiredServing>>> RolloutTraffic::desired(
    std::string_view environment, const model::ModelName& model) const {
  for (auto& stored : TRY(parts_.metadata.desired_of(model))) {
    if (stored.record.environment == environment) return std::optional(std::move(stored));
  }
  return std::optional<ports::Stored<model::DesiredServing>>();
}

std::string RolloutTraffic::failure_of(const model::DesiredServing& desired) const {
  const auto shares = desired.split.shares();
  for (const ports::ServedState& state : parts_.predictor.index()) {
    if (state.model != desired.model.text() || state.state != ports::ServedState::State::Unavailable) continue;
    const bool is_wanted =
        std::ranges::any_of(shares, [&](const model::Share& share) { return share.version == state.version; });
    if (is_wanted) return "version " + std::to_string(state.version) + ": " + state.reason;
  }
  return {};
}

Result<void> RolloutTraffic::expect_servable(const model::ModelName& model, model::VersionNumber version) {
  TRY(parts_.registry.settle_removals(model));
  const auto found = TRY(parts_.registry.version(model, version));
  if (found.stage == model::Stage::Validated) return {};
  return conflict("version " + std::to_string(version) + " of model \"" + model.text() + "\" is " +
                  std::string(name_of(found.stage)) + ", expected validated" +
                  (found.reason.empty() ? "" : ": " + found.reason));
}

Result<void> RolloutTraffic::serve(const rollout::Rollout& rollout, const rollout::Traffic& traffic,
                                   std::uint64_t expected, std::uint64_t number) {
  const auto split = TRY(model::TrafficSplit::parse(traffic.shares));
  const auto present = TRY(desired(rollout.environment, rollout.model));
  auto rule = rule_of(present ? present->record.assignment : model::AssignmentRule{}, traffic, number, rollout.control);
  if (split.shares().size() > 1) rule.slicing = TRY(parts_.slicing(number));
  std::optional<model::Mirror> mirror;
  if (traffic.mirrored.count > 0) mirror.emplace(model::Mirror{rollout.candidates.front(), traffic.mirrored});
  registry::Author author{"rollout " + std::to_string(number), printable(rollout.reason, kLongestReason)};
  author.rollout = number;
  TRY(parts_.registry.deploy(rollout.environment, rollout.model, {split, std::move(rule), mirror}, expected, author));
  return {};
}

Result<void> RolloutTraffic::approve(const rollout::Rollout& rollout, const rollout::Person& person,
                                     std::uint64_t number) {
  const registry::Author author{person.name,
                                "rollout " + std::to_string(number) + ": " + printable(person.reason, kLongestReason)};
  for (const model::VersionNumber version : rollout.candidates) {
    TRY(parts_.registry.approve(rollout.model, version, rollout.environment, std::nullopt, author));
  }
  return {};
}

Result<void> RolloutTraffic::expect_approved(const rollout::Rollout& rollout) {
  for (const model::VersionNumber version : rollout.candidates) {
    TRY(parts_.registry.may_advance(rollout.environment, rollout.model, version));
  }
  return {};
}

}  // namespace slipway::app
