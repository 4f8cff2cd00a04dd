#include "domain/evidence/twins.h"

#include <cmath>

namespace slipway::evidence {

std::optional<PairObservation> Twins::take(const Twin& twin) {
  const auto found = waiting_.find(twin.pair);
  if (found == waiting_.end()) {
    give_up(twin.t - kLongestWait);
    add(twin);
    return std::nullopt;
  }
  const Twin other = found->second.twin;
  const bool is_same_side = other.is_candidates == twin.is_candidates;
  if (is_same_side && other.t == twin.t) return std::nullopt;  // the same record again
  waiting_.erase(found);
  if (is_same_side || !(std::abs(other.t - twin.t) <= kMostApart)) {
    lose(other);  // its number was given again before its other half came
    add(twin);
    return std::nullopt;
  }
  const Twin& control = twin.is_candidates ? other : twin;
  const Twin& candidate = twin.is_candidates ? twin : other;
  PairObservation both;
  both.t = control.t;
  both.unit = control.unit;
  both.answers.emplace(PairObservation::Answers{control.answer, candidate.answer});
  both.slices = control.slices;
  return both;
}

void Twins::add(const Twin& twin) {
  waiting_.emplace(twin.pair, Held{twin, next_arrival_});
  arrivals_.push_back({next_arrival_++, twin.pair, twin.t});
  if (arrivals_.size() <= 2 * most_) return;
  std::erase_if(arrivals_, [&](const Arrival& arrival) { return !waits(arrival); });
}

bool Twins::waits(const Arrival& arrival) const {
  const auto found = waiting_.find(arrival.pair);
  return found != waiting_.end() && found->second.arrival == arrival.number;
}

void Twins::lose(const Twin& twin) {
  lost_ += twin.is_candidates ? 0 : 1;
}

void Twins::give_up(double before) {
  while (!arrivals_.empty()) {
    const Arrival oldest = arrivals_.front();
    const bool is_waiting = waits(oldest);
    if (is_waiting && waiting_.size() < most_ && oldest.t >= before) return;
    arrivals_.pop_front();
    if (!is_waiting) continue;
    const auto found = waiting_.find(oldest.pair);
    lose(found->second.twin);
    waiting_.erase(found);
  }
}

std::vector<Twin> Twins::in_order() const {
  std::vector<Twin> list;
  for (const Arrival& arrival : arrivals_) {
    if (waits(arrival)) list.push_back(waiting_.at(arrival.pair).twin);
  }
  return list;
}

void Twins::hold(const std::vector<Twin>& list) {
  waiting_.clear();
  arrivals_.clear();
  for (const Twin& twin : list) {
    if (!waiting_.contains(twin.pair)) add(twin);
  }
}

}  // namespace slipway::evidence
