// RolloutEvidence: what the traffic so far says of a rollout's candidates.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/evidence/judgement.h"
#include "domain/evidence/plan.h"
#include "domain/rollout/next.h"
#include "ports/rollout_store.h"

namespace slipway::ports {

// How many of an arm's predictions have an outcome by now: missing labels of one arm are a bias.
struct JoinCount {
  std::uint64_t answers = 0;                   // drawn and live, whatever came of them
  std::array<std::uint64_t, 4> outcomes = {};  // by OutcomeRecord::Kind
  bool operator==(const JoinCount&) const = default;
};

struct GatheredEvidence {
  std::vector<rollout::Evidence> evidence;  // of each candidate
  std::vector<rollout::Arm> rewards;        // of control and each candidate
  // Made when they are asked for, which may be until the next gathering; empty functions: there is nothing to say.
  std::function<std::string()> inputs;  // what the evidence was made of, in full, for the record of a decision
  std::function<std::string()> state;   // to go on from, after a restart
  // For people, of each candidate; or none.
  std::vector<evidence::Judgement> judgements = {};
  std::vector<JoinCount> joins = {};  // of control and each candidate; or none
};

// One thread; every method blocks. Unavailable: the records cannot be read now; the rollout holds.
class RolloutEvidence {
 public:
  virtual ~RolloutEvidence() = default;
  // Of what was seen up to now; begins from RolloutRecord::evidence where it knows the rollout no more.
  virtual Result<GatheredEvidence> gather(const RolloutRecord& rollout, WallTime now) = 0;
  // What the plan asks of its traffic. InvalidInput: it is not what can be gathered here.
  virtual Result<evidence::EvidencePlan> check(std::string_view plan) = 0;
};

}  // namespace slipway::ports
