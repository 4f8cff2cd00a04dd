// RolloutEvidence: what the traffic so far says of a rollout's candidates.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/evidence/judgement.h"
#include "domain/rollout/next.h"
#include "ports/rollout_store.h"

namespace slipway::ports {

struct GatheredEvidence {
  std::vector<rollout::Evidence> evidence;  // of each candidate
  std::vector<rollout::Arm> rewards;        // of control and each candidate
  // Made when they are asked for, which may be until the next gathering; empty functions: there is nothing to say.
  std::function<std::string()> inputs;  // what the evidence was made of, in full, for the record of a decision
  std::function<std::string()> state;   // to go on from, after a restart
  // For people, of each candidate; or none.
  std::vector<evidence::Judgement> judgements = {};
};

// One thread; every method blocks. Unavailable: the records cannot be read now; the rollout holds.
class RolloutEvidence {
 public:
  virtual ~RolloutEvidence() = default;
  // Of what was seen up to now; begins from RolloutRecord::evidence where it knows the rollout no more.
  virtual Result<GatheredEvidence> gather(const RolloutRecord& rollout, WallTime now) = 0;
  // InvalidInput: the plan's evidence is not what it can gather.
  virtual Result<void> check(std::string_view plan) = 0;
};

}  // namespace slipway::ports
