// A rollout in a small world: what is served, evidence and time, one line each.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/rollout/commands.h"
#include "domain/rollout/next.h"

namespace slipway::rollout {

inline const WallTime kMonday{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}};

class World {
 public:
  explicit World(Plan asked, std::vector<model::VersionNumber> candidates = {2}) : plan(std::move(asked)) {
    auto opened = open(plan, "production", *model::ModelName::parse("fraud"), 1, std::move(candidates), now);
    if (!opened) ADD_FAILURE() << opened.error().message;
    rollout.emplace(std::move(opened).value());
    sight.served = rollout->wanted;
    sight.revision = 7;
    sight.is_live = sight.is_turn = true;
    sight.evidence.resize(rollout->candidates.size());
  }

  // One look after `passed`, its decision recorded and done.
  Decision look(Duration passed = std::chrono::seconds(1)) {
    now += std::chrono::duration_cast<std::chrono::microseconds>(passed);
    Decision decision = next(plan, *rollout, sight, now);
    rollout = decision.rollout;
    if (decision.serve) serve(*decision.serve);
    return decision;
  }
  void serve(const Traffic& traffic) {
    sight.served = traffic;
    ++sight.revision;
    served.push_back(traffic);
  }
  // Looks each second for so long, or until the rollout is over.
  void run(Duration passed) {
    for (Duration at{0}; at < passed && !is_over(rollout->state); at += std::chrono::seconds(1)) look();
  }
  Result<Rollout> command(const Command& command, std::string name = "ann", std::string reason = "because") {
    auto applied = apply(plan, *rollout, command, {std::move(name), std::move(reason)}, "starter", sight);
    if (applied) rollout = *applied;
    return applied;
  }
  void judge(model::Verdict verdict, bool may_advance = false, std::size_t candidate = 0) {
    sight.evidence[candidate] = {verdict, may_advance, "as told"};
  }
  // The candidates' weights of everything that was served, in basis points: "100 500".
  std::string weights() const {
    std::string text;
    for (const Traffic& traffic : served) {
      std::uint32_t weight = 0;
      for (const model::Share& share : traffic.shares) weight += share.version == 1 ? 0 : share.share.count;
      text += (text.empty() ? "" : " ") + std::to_string(weight);
    }
    return text;
  }
  State state() const { return rollout->state; }

  Plan plan;
  WallTime now = kMonday;
  Sight sight;
  std::optional<Rollout> rollout;
  std::vector<Traffic> served;
};

}  // namespace slipway::rollout
