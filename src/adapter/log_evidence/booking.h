// What a record of the prediction log says to the evidence of a rollout: whose it is, and what was observed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/evidence/observation.h"
#include "domain/rollout/rollout.h"
#include "ports/prediction_log.h"

namespace slipway::log_evidence {

// The answer of a live request, without arm and probability. Cancelled: the peer left, which is no error of the
// version; it and a deadline that passed took longer than can be told.
evidence::Observation observation_of(const ports::PredictionRecord& record);
// What became known later. `prediction`: the record it was joined to; null: it is not known.
evidence::Observation observation_of(const ports::OutcomeRecord& record, const ports::PredictionRecord* prediction);

// The unit of an outcome, so that a request's outcomes count as one: its key's, or what stands for the request. 0: the
// record does not say.
std::uint64_t unit_of(const ports::OutcomeRecord& record);

// Shares of control and each candidate as they were served under one revision. A value.
struct ServedShares {
  std::uint64_t revision = 0;
  std::vector<std::uint32_t> shares;  // basis points
};

// P(candidate | control or candidate) for a record of `arm` (0: control) that logged `probability`; NaN: it cannot be
// told. With one candidate by the record alone; with several by the shares of its revision. Probabilities that are
// whole basis points are told as such: the same share is the same number, whichever arm it was logged for.
double chance_of(std::size_t candidate, std::size_t arm, double probability, std::uint64_t revision,
                 std::span<const ServedShares> served, std::size_t candidates);

}  // namespace slipway::log_evidence
