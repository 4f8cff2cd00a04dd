// StreamedEvidence: a rollout's evidence read from the answers that a simulation made up, in place of the prediction
// log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/evidence/agreement.h"
#include "domain/evidence/evidence.h"
#include "domain/proof/scenario.h"
#include "ports/rollout_evidence.h"

namespace slipway::proving {

using Tape = std::vector<evidence::Observation>;

// What the evidence says of one candidate is what domain/evidence says, unless a fault is asked for. With a tape it
// goes on from the state in the rollout's record and reads the tape from there, as after a kill; without, `observe`
// tells it everything, and no state is kept. Where the plan asks something of pairs, a step that mirrors is judged by
// them, as in adapter/log_evidence. One thread.
class StreamedEvidence final : public ports::RolloutEvidence {
 public:
  StreamedEvidence(const evidence::EvidencePlan& plan, proof::Fault fault, const Tape* tape);

  Result<ports::GatheredEvidence> gather(const ports::RolloutRecord& rollout, WallTime now) override;
  Result<evidence::EvidencePlan> check(std::string_view plan) override;

  void observe(const evidence::Observation& answer);
  void observe(const evidence::PairObservation& pair);
  bool is_harmful() const;
  const evidence::Evidence& evidence() const { return evidence_; }
  void fail_next() { fails_next_ = true; }  // as a log that cannot be read once

 private:
  // Of one arm, each answer weighed by one over the probability of its assignment.
  struct Rewards {
    double weights = 0, squares = 0, sum = 0;
  };
  Result<void> go_on_from(const std::string& state);
  std::string state() const;
  rollout::Arm arm_of(const Rewards& rewards) const;

  const proof::Fault fault_;
  const Tape* tape_;
  std::uint64_t position_ = 0;  // on the tape
  bool has_begun_ = false, fails_next_ = false;
  evidence::Evidence evidence_;
  std::optional<evidence::Agreement> agreement_;
  double step_share_ = 0;
  Rewards control_, candidate_;  // an answer that is no error is worth 1
};

}  // namespace slipway::proving
