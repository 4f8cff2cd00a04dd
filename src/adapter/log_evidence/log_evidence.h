// LogEvidence: what a rollout's predictions and their outcomes say of its candidates, read from the prediction log.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/log_evidence/gathering.h"
#include "ports/rollout_evidence.h"

namespace slipway::log_evidence {

inline constexpr std::size_t kPage = 8'192;     // records asked for at once
inline constexpr std::size_t kMostPages = 8;    // read in one gathering; what is left is read by the next ones
inline constexpr std::size_t kKeptPages = 4;    // that other rollouts may want too
inline constexpr std::size_t kMostKnown = 256;  // rollouts in memory; the others go on from their records
inline constexpr std::size_t kMostForgotten = 1'024;

// Owned by the application. One thread. Every record counts once, also after a restart: the log's position and what was
// made of it are kept together. It never says that a candidate may go on where records are missing or not yet read:
// what a process records while the one before still writes is read once that has ended.
class LogEvidence final : public ports::RolloutEvidence {
 public:
  struct Parts {
    ports::PredictionLog& predictions;
    std::string environment;  // whose predictions it has
    // Which log it is: what was gathered from another is not gone on with. Asked when the first rollout is gathered
    // for.
    std::function<Result<std::string>()> log;
    std::function<Result<evidence::EvidencePlan>(std::string_view yaml)> read_plan;
    std::function<void()> catch_up = {};      // takes what is on its way into the log
    ports::RolloutStore* rollouts = nullptr;  // for plans whose alpha is of all rollouts of a model
    // Since the process began; of model 0: of any model.
    std::function<std::vector<ports::DroppedPredictions>()> dropped = {};
    // What a limit's server said last, without waiting for it; whether there is such a server. None: there is not.
    std::function<Result<double>(const evidence::LimitPlan&)> limit = {};
    std::function<Result<void>(const evidence::LimitPlan&)> check_limit = {};
  };
  explicit LogEvidence(Parts parts);

  // Unavailable: the log cannot be read, or is not of the rollout's environment. Corrupt, Conflict: the record's
  // evidence is damaged, or of another log. InvalidInput: the plan.
  Result<ports::GatheredEvidence> gather(const ports::RolloutRecord& rollout, WallTime now) override;
  Result<evidence::EvidencePlan> check(std::string_view plan) override;

 private:
  using Dropped = std::map<std::pair<std::uint64_t, model::VersionNumber>, std::uint64_t>;  // counts of this process
  struct Known {
    Gathering gathering;
    std::uint64_t kept = 0;  // stands for the record's evidence that was seen to be of our log; 0: none
    bool is_behind = false;
    Dropped dropped;       // as last seen
    Dropped dropped_kept;  // as of what was kept last, from which a forgotten one goes on
    WallTime seen_at{};
    WallTime judged_at{};
    std::vector<evidence::Judgement> judgements;  // then
  };
  using Page = std::shared_ptr<const ports::LogPage>;

  Result<evidence::EvidencePlan> plan_of(std::string_view yaml) const;
  Result<evidence::EvidencePlan> plan_within_budget(const ports::RolloutRecord& rollout) const;
  Result<Known*> known(const ports::RolloutRecord& rollout, WallTime now);
  void forget(WallTime now, std::uint64_t but);
  void forget(std::map<std::uint64_t, Known>::iterator of);
  void count_dropped(Known& known) const;
  void look_at_limits(Gathering& gathering) const;
  Result<void> read_on(Known& known);
  Result<Page> page_at(ports::LogPosition position);
  Result<void> take(const ports::LogPage& page, Gathering& gathering);

  const Parts parts_;
  std::uint64_t log_ = 0;  // stands for its name; 0: not asked yet
  std::map<std::uint64_t, Known> known_;
  std::map<std::uint64_t, Dropped> forgotten_;  // by rollout; without them all that this process dropped counts again
  std::deque<std::pair<ports::LogPosition, Page>> pages_;
};

}  // namespace slipway::log_evidence
