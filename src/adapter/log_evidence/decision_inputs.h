// DecisionInputs: what a decision about a rollout was made of, as JSON that is kept with it, and the same judged again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapter/log_evidence/gathering.h"
#include "base/digest.h"
#include "domain/rollout/next.h"

namespace slipway::log_evidence {

inline constexpr std::size_t kLargestInputs = 16U * 1024U * 1024U;  // of a text that is read

// What rollout::next() is told of each candidate. `hold`: why nothing goes on, whatever the observations say.
std::vector<rollout::Evidence> judged(const Gathering& gathering, std::string_view hold);

// docs/formats/rollouts.md, "What a decision was made of".
std::string inputs_text(const Gathering& gathering, const Digest& plan, std::string_view hold);

// As they were recorded. A value.
struct CandidateInputs {
  model::VersionNumber version = 0;
  std::optional<double> alpha;   // of this candidate; absent in records of old: the plan's
  rollout::Evidence said;        // then
  std::string hold;              // why it does not go on, whatever the observations say
  std::vector<std::byte> state;  // Evidence::judged_state()
  std::vector<std::byte> pairs;  // Agreement::judged_state(), where requests were mirrored to it; else empty
};
struct DecisionInputs {
  Digest plan;
  std::string hold;
  std::vector<std::optional<double>> limits;  // of the plan's, what they had
  std::vector<CandidateInputs> candidates;
};
// InvalidInput names the place, what was expected and what was found.
Result<DecisionInputs> read_inputs(std::string_view text);

// The same judgements once more, of the recorded state and the rollout's plan: bit for bit `said` of each candidate, if
// the records and the program are the same. `plan` as read from the plan's text. Corrupt: the state is not of that
// plan.
struct JudgedAgain {
  rollout::Evidence said;
  evidence::Judgement judgement;
};
Result<std::vector<JudgedAgain>> judge_again(const DecisionInputs& inputs, const evidence::EvidencePlan& plan);

}  // namespace slipway::log_evidence
