// Gathering: what the records of one rollout have come to so far, candidate by candidate.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "adapter/log_evidence/booking.h"
#include "domain/evidence/agreement.h"
#include "domain/evidence/declared_slices.h"
#include "domain/evidence/evidence.h"
#include "domain/evidence/twins.h"
#include "domain/rollout/bandit.h"
#include "domain/stats/off_policy.h"
#include "ports/prediction_log.h"
#include "ports/rollout_store.h"

namespace slipway::log_evidence {

inline constexpr std::size_t kOutcomeKinds = 4;
inline constexpr double kMostMissing = 0.01;  // of all predictions, without a record; above, it holds
inline constexpr double kLargestWeight = 50, kValueAlpha = 0.05;  // of what an arm would earn alone
inline constexpr std::size_t kLargestState = 256U * 1024U;        // of the text; above, a restart reads the log again

// The evidence that a plan asks for, as it is gathered from a prediction log for each of `candidates`: they share alpha
// and beta, and a plan that counts requests counts a unit's key once where the router drew by it.
evidence::EvidencePlan plan_of_each(evidence::EvidencePlan plan, std::size_t candidates);

// What one arm's records were. A value.
struct ArmRecords {
  std::uint64_t answers = 0;                               // drawn and live, whatever came of them
  std::array<std::uint64_t, kOutcomeKinds> outcomes{};     // by kind
  double weights = 0, squares = 0;                         // of rewards, each by one over its probability
  double sum = 0, sum_of_squares = 0;                      // weighed
  stats::LinearReward by_time{rollout::kContextFeatures};  // of the time of each request whose reward it is
  // What all requests that had a reward would have earned here; known while no reward lies outside of [0, 1].
  stats::OffPolicyValue alone = stats::OffPolicyValue::create(kLargestWeight, kValueAlpha).value();
  std::uint64_t unvalued = 0;  // rewards outside of it

  rollout::Arm reward() const;
  template <class State>
  void keep(State& state) {
    state(answers, outcomes, weights, squares, sum, sum_of_squares, by_time, alone, unvalued);
  }
};

// Which records the evidence is of. A value.
struct Reading {
  ports::LogPosition begun, at;  // in the log
  std::uint64_t revision = 0;    // of desired serving before the rollout's first split; records of later ones count
  std::uint64_t gaps = 0;        // times that records were not kept or not readable when they should have been read
  std::uint64_t missing = 0;     // predictions that left no record, as far as is known
  std::uint64_t earlier = 0;     // records of other splits
  std::uint64_t undrawn = 0;     // of named versions, testers, other segments and synthetic traffic
  std::uint64_t again = 0;       // parts of a request beyond its first, and outcomes beyond a request's first of a kind
  std::uint64_t unknown = 0;     // not used: the shares of their split, or what came before, is not known

  template <class State>
  void keep(State& state) {
    state(begun.segment, begun.offset, at.segment, at.offset, revision, gaps, missing, earlier, undrawn, again,
          unknown);
  }
};

// A value; one thread. The same records in the same order give the same state, bit for bit.
class Gathering {
 public:
  // `plan` as the rollout's file has it. Records count from `at` on.
  static Result<Gathering> create(const ports::RolloutRecord& rollout, const evidence::EvidencePlan& plan,
                                  ports::LogPosition at);
  // From what state() gave. A state that another program kept otherwise, or that was too large: from where it began.
  // Corrupt: no such text. Conflict: of another log or plan.
  static Result<Gathering> resume(const ports::RolloutRecord& rollout, const evidence::EvidencePlan& plan,
                                  std::uint64_t log);
  // Whether the record's state is of this plan and log, as resume() says.
  Result<void> check_kept(const ports::RolloutRecord& rollout, std::uint64_t log) const;

  // What the plan's limits have now, in their order.
  void limit(std::vector<std::optional<double>> values);
  const std::vector<std::optional<double>>& limits() const { return limits_; }
  // What it serves, so that records of it are known.
  void learn(const rollout::Rollout& rollout);
  void take(const ports::PredictionRecord& record);
  // `twin`: what the candidate said of the same request in the shadow; null: it is not known.
  void take(const ports::OutcomeRecord& record, const ports::PredictionRecord* prediction,
            const ports::PredictionRecord* twin);
  // Whether a metric measures it against its prediction, or against both predictions of its pair.
  bool needs_prediction(const ports::OutcomeRecord& record) const;
  bool needs_twin(const ports::OutcomeRecord& record) const;
  bool is_of(std::uint64_t model, model::VersionNumber version) const {
    return model == model_ && arm_of(version).has_value();
  }

  // Why nothing goes on, whatever the observations say; empty: nothing does.
  std::string hold() const;
  const std::vector<evidence::Evidence>& evidence() const { return evidence_; }
  // Of the first candidate's answers to mirrored requests; absent where the plan asks nothing of pairs.
  const std::optional<evidence::Agreement>& agreement() const { return agreement_; }
  bool is_mirrored() const { return is_mirrored_; }              // the step that the rollout is in
  const std::vector<ArmRecords>& arms() const { return arms_; }  // control, candidates
  const std::vector<model::VersionNumber>& versions() const { return versions_; }
  Reading& reading() { return reading_; }
  const Reading& reading() const { return reading_; }
  std::vector<rollout::Arm> rewards() const;
  // To go on from; `log` stands for the log it was read from.
  std::string state(std::uint64_t log) const;

 private:
  Gathering(const ports::RolloutRecord& rollout, std::vector<evidence::Evidence> evidence, std::uint64_t most_units);

  std::optional<std::size_t> arm_of(model::VersionNumber version) const;
  void take_twin(const ports::PredictionRecord& record);
  bool counts(const model::Draw& draw);
  bool is_later_part(const model::Draw& draw);
  void reward(const ports::OutcomeRecord& record, std::size_t arm);
  void label_pair(const ports::OutcomeRecord& record, const ports::PredictionRecord& prediction,
                  const ports::PredictionRecord& twin);
  void observe(evidence::Observation observation, std::size_t arm, const model::Draw& draw);
  Gathering begun() const;
  Result<void> restore(std::span<const std::byte> sections, std::size_t candidates);

  // What is kept always, and what only while all of it is small.
  template <class State>
  void keep_head(State& state) {
    std::uint64_t splits = served_.size();
    state(reading_, splits);
    served_.resize(std::min(splits, kMostSplits));
    for (ServedShares& each : served_) {
      each.shares.resize(versions_.size());
      state(each.revision, each.shares);
    }
  }
  template <class State>
  void keep_records(State& state) {
    std::uint64_t parts = parts_.size();
    state(parts);
    parts_.resize(std::min(parts, kMostParts));
    for (std::uint64_t& part : parts_) state(part);
    state(arms_, rewarded_);
  }
  static constexpr std::uint64_t kMostSplits = 64, kMostParts = 1024;

  std::uint64_t model_ = 0;
  std::uint64_t plan_ = 0;                      // stands for its text
  std::vector<model::VersionNumber> versions_;  // control, candidates
  std::vector<evidence::Evidence> evidence_;    // of each candidate
  std::vector<ArmRecords> arms_;
  Reading reading_;
  std::vector<ServedShares> served_;  // the newest
  std::deque<std::uint64_t> parts_;   // requests drawn by chance that may have several parts, the newest
  evidence::SeenUnits rewarded_;      // requests whose reward was counted
  std::optional<evidence::Agreement> agreement_;
  evidence::Twins twins_;
  bool is_mirrored_ = false;  // learned anew
  evidence::DeclaredSlices slices_;
  std::vector<std::optional<double>> limits_;  // learned anew
};

}  // namespace slipway::log_evidence
