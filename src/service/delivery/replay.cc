#include "service/delivery/replay.h"

#include <algorithm>

namespace slipway::delivery {
namespace {

using ports::RolloutDecision;
using rollout::Difference;

std::string shown(bool value) {
  return value ? "yes" : "no";
}

// What the evidence said then, and what it says of the same records now.
std::vector<Difference> compare(const std::vector<rollout::Evidence>& recorded,
                                const std::vector<rollout::Evidence>& again) {
  std::vector<Difference> all;
  if (recorded.size() != again.size()) {
    all.push_back({"candidates judged", std::to_string(recorded.size()), std::to_string(again.size())});
    return all;
  }
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const std::string of = "evidence of candidate " + std::to_string(i + 1) + ": ";
    const auto differ = [&](std::string_view what, std::string then, std::string now) {
      if (then != now) all.push_back({of + std::string(what), std::move(then), std::move(now)});
    };
    differ("verdict", std::string(model::name_of(recorded[i].verdict)), std::string(model::name_of(again[i].verdict)));
    differ("may advance", shown(recorded[i].may_advance), shown(again[i].may_advance));
    differ("reason", recorded[i].reason, again[i].reason);
  }
  return all;
}

class Replay {
 public:
  Replay(std::optional<std::string> plan, ports::RolloutPlanReader& plans, const JudgeAgain& judge_again)
      : text_(std::move(plan)), plans_(plans), judge_again_(judge_again) {}

  ReplayedDecision next(const RolloutDecision& decision) {
    ReplayedDecision replayed{.number = decision.number, .program = decision.program};
    const auto done = decide(decision, replayed);
    if (!done.ok()) {
      replayed.failure = done.error().message;
      before_.reset();
    }
    last_ = decision.number;
    return replayed;
  }

 private:
  Result<void> decide(const RolloutDecision& decision, ReplayedDecision& replayed) {
    if (last_ && decision.number != *last_ + 1) {
      before_.reset();
      return invalid_input("expected decision " + std::to_string(*last_ + 1) + " before it, found none");
    }
    if (decision.basis.empty()) return not_found("nothing was kept of what it was made from");
    const rollout::Basis basis = TRY(rollout::parse_basis(decision.basis));
    if (basis.occasion == rollout::Occasion::Start) text_ = basis.plan;
    if (!text_) return not_found("the rollout's plan is not known: it stands in the first decision");
    if (!plan_) plan_.emplace(TRY(plans_.read(*text_, "plan")));
    if (before_) append(replayed, rollout::differences_between(*before_, basis.before), "before it: ");
    const rollout::Rollout again = TRY(rollout::decide_again(*plan_, basis));
    append(replayed,
           rollout::differences({.number = decision.number,
                                 .action = decision.action,
                                 .state = decision.state,
                                 .position = decision.position,
                                 .wanted = decision.wanted,
                                 .reason = decision.reason},
                                again),
           "");
    before_.emplace(again);
    return judge(decision, basis, replayed);
  }

  Result<void> judge(const RolloutDecision& decision, const rollout::Basis& basis, ReplayedDecision& replayed) {
    const bool is_evidence_kept = !decision.evidence.empty();
    if (!is_evidence_kept) {
      // Without records nothing may have been decided for the candidate.
      const bool claims = std::ranges::any_of(basis.sight.evidence, [](const rollout::Evidence& each) {
        return each.verdict != model::Verdict::Inconclusive || each.may_advance;
      });
      if (claims) replayed.differences.push_back({"evidence", "a verdict", "nothing was kept that it rests on"});
      return {};
    }
    if (!judge_again_) return {};
    auto judged = judge_again_(*text_, decision.evidence);
    if (!judged.ok()) return std::move(judged).error().within("evidence");
    append(replayed, compare(basis.sight.evidence, *judged), "");
    replayed.is_judged = true;
    return {};
  }

  static void append(ReplayedDecision& replayed, std::vector<Difference> found, std::string_view where) {
    for (Difference& each : found) {
      each.what.insert(0, where);
      replayed.differences.push_back(std::move(each));
    }
  }

  std::optional<std::string> text_;
  ports::RolloutPlanReader& plans_;
  const JudgeAgain& judge_again_;
  std::optional<rollout::Plan> plan_;
  std::optional<rollout::Rollout> before_;  // as the decision before left it
  std::optional<std::uint64_t> last_;
};

}  // namespace

std::vector<ReplayedDecision> replay(std::span<const RolloutDecision> decisions, std::optional<std::string> plan,
                                     ports::RolloutPlanReader& plans, const JudgeAgain& judge_again) {
  Replay replay(std::move(plan), plans, judge_again);
  std::vector<ReplayedDecision> all;
  for (const RolloutDecision& each : decisions) all.push_back(replay.next(each));
  return all;
}

}  // namespace slipway::delivery
