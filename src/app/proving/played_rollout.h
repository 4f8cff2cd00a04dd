// PlayedRollout: one rollout of a scenario, carried out by the product's controller on simulated traffic and time.
#pragma once

#include <memory>
#include <optional>

#include "adapter/plan_yaml/rollout_plan.h"
#include "adapter/store_memory/memory_rollouts.h"
#include "adapter/store_memory/memory_store.h"
#include "app/proving/stage.h"
#include "app/proving/streamed_evidence.h"
#include "base/log.h"
#include "domain/proof/suite.h"
#include "service/delivery/delivery.h"

namespace slipway::proving {

// The controller (service/delivery) looks every five simulated seconds, and besides as soon as the evidence shows harm,
// so that its looks find whatever a look after every answer would have found. Splits, steps, holds, promotion and the
// way back are its own. Ends with the scenario's time or with the rollout. One thread; played once.
class PlayedRollout {
 public:
  // Requires: `plan` is the evidence of the scenario's plan; all outlive it.
  PlayedRollout(const proof::Scenario& scenario, const evidence::EvidencePlan& plan, std::uint64_t seed, Log& log);
  proof::Outcome play();
  const rollout::Rollout& state() const { return record_->state; }  // Requires: played.

 private:
  void begin();
  void look(double t);
  void hear(evidence::Observation answer);
  void hear(const evidence::PairObservation& pair);
  void look_if_harmful(double t);
  void hear_until(double t);
  void count(const evidence::Observation& answer);
  void be_killed();
  void spoil(evidence::Observation& answer);
  void make_trouble();
  void set_weight_by_hand();
  void name_slices();
  void ask_rivals();
  bool is_over() const { return rollout::is_over(record_->state.state); }
  bool may_be_killed() const {
    return scenario_.trouble == proof::Trouble::Kills || scenario_.trouble == proof::Trouble::Mixed;
  }
  bool is_watched() const { return !scenario_.rivals.empty() && scenario_.rivals_ramp.empty(); }

  const proof::Scenario& scenario_;
  const evidence::EvidencePlan& plan_;
  const std::uint64_t seed_;
  proof::Traffic answers_;
  stats::Xoshiro256 chance_;  // of troubles
  StagedClock clock_;
  StagedTraffic traffic_;
  plan_yaml::RolloutPlanYaml plans_;
  store_memory::MemoryRollouts store_;
  store_memory::MemoryStore history_;
  Log& log_;
  Tape tape_;
  std::unique_ptr<StreamedEvidence> evidence_;
  std::unique_ptr<delivery::Delivery> delivery_;
  std::optional<ports::RolloutRecord> record_;  // as of the last look

  proof::Outcome outcome_;
  proof::RivalWatch watch_;
  double requests_ = 0, candidates_ = 0, pairs_ = 0, information_ = 0;
  double growth_ = 0, growth_share_ = 0;
  bool harm_is_told_ = false;
};

// The evidence of a scenario's plan. InvalidInput: it is none.
Result<evidence::EvidencePlan> evidence_of(const proof::Scenario& scenario);

}  // namespace slipway::proving
