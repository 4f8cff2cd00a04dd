#include "domain/rollout/rollout.h"

#include <algorithm>
#include <array>

namespace slipway::rollout {
namespace {

constexpr std::array<std::string_view, kStateCount> kNames = {
    "queued", "applying", "observing", "awaiting_approval", "completing", "restoring", "completed", "aborted"};

}  // namespace

std::string_view name_of(State state) {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<State> parse_state(std::string_view name) {
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<State>(at - kNames.begin());
}

bool may_move(State from, State to) {
  if (to == State::Queued || is_over(from)) return false;
  switch (from) {
    case State::Queued:
      return to == State::Applying || to == State::Aborted;
    case State::Applying:
      return to != State::AwaitingApproval && to != State::Completed;
    case State::Observing:
      return to != State::Observing && to != State::Completed;
    case State::AwaitingApproval:
      return to == State::Applying || to == State::Completing || to == State::Restoring || to == State::Aborted;
    case State::Completing:
      return to == State::Restoring || is_over(to);
    case State::Restoring:
      return to == State::Aborted;
    case State::Completed:
    case State::Aborted:
      return false;
  }
  return false;
}

Result<Rollout> open(const Plan& plan, std::string environment, model::ModelName model, model::VersionNumber control,
                     std::vector<model::VersionNumber> candidates, WallTime now) {
  if (candidates.empty() || candidates.size() >= model::kMostShares) {
    return invalid_input("expected 1 to " + std::to_string(model::kMostShares - 1) + " candidates, found " +
                         std::to_string(candidates.size()));
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i] == control) {
      return invalid_input("version " + std::to_string(control) + " has the traffic already");
    }
    if (std::count(candidates.begin(), candidates.end(), candidates[i]) > 1) {
      return invalid_input("version " + std::to_string(candidates[i]) + " is a candidate twice");
    }
  }
  TRY(check(plan, candidates.size()));
  Rollout rollout{.environment = std::move(environment), .model = std::move(model)};
  rollout.control = control;
  rollout.candidates = std::move(candidates);
  rollout.reason = "started";
  rollout.wanted = {{{control, model::kWhole}}, {}};
  rollout.before = rollout.wanted;
  rollout.seen_at = now;
  rollout.frozen.assign(rollout.candidates.size(), false);
  return rollout;
}

Traffic traffic_of(const Rollout& rollout, model::BasisPoints weight, model::BasisPoints mirrored) {
  Traffic traffic{{{rollout.control, {model::kWhole.count - weight.count}}}, mirrored};
  const auto parts = static_cast<std::uint32_t>(rollout.candidates.size());
  for (std::uint32_t i = 0; i < parts; ++i) {
    // Contiguous ranges that together are the weight exactly.
    const std::uint32_t share = weight.count * (i + 1) / parts - weight.count * i / parts;
    traffic.shares.push_back({rollout.candidates[i], {share}});
  }
  return traffic;
}

model::BasisPoints weight_of(const Rollout& rollout) {
  model::BasisPoints weight{};
  for (const model::Share& share : rollout.wanted.shares) {
    if (share.version != rollout.control) weight.count += share.share.count;
  }
  return weight;
}

}  // namespace slipway::rollout
