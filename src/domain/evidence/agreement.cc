#include "domain/evidence/agreement.h"

#include <algorithm>
#include <cmath>

#include "domain/stats/kept_state.h"

namespace slipway::evidence {
namespace {

constexpr std::uint64_t kAnswered = 1, kLabelled = 2;  // a unit's flags

}  // namespace

Result<Agreement> Agreement::create(const EvidencePlan& plan) {
  TRY(check(plan));
  if (plan.agreement.metrics.empty()) {
    return invalid_input("agreement: expected metrics of pairs, found none; a step that mirrors traffic needs them");
  }
  return Agreement(plan);
}

Agreement::Agreement(const EvidencePlan& plan) : plan_(plan), seen_(plan.most_units) {
  for (const PairMetricPlan& metric : plan_.agreement.metrics) {
    metrics_.emplace_back(metric, plan_.slices.size(), plan_.alpha);
    all_weights_ += metric.weight;
  }
}

void Agreement::observe(const PairObservation& pair) {
  if (pair.answers) {
    ++pairs_;
    if (std::isfinite(pair.t)) {
      if (first_t_ == 0) first_t_ = pair.t;
      last_t_ = std::max(last_t_, pair.t);  // a clock that goes back stands still
    }
  }
  bool bets_answers = pair.answers.has_value(), bets_label = pair.labelled.has_value();
  if (plan_.unit == Unit::Keyed || (plan_.unit == Unit::Either && pair.unit != 0)) {
    if (pair.unit == 0) {
      ++without_unit_;
      return;
    }
    std::uint64_t* flags = seen_.find(pair.unit);
    if (flags == nullptr) {
      ++refused_;
      return;
    }
    bets_answers = bets_answers && (*flags & kAnswered) == 0;
    bets_label = bets_label && (*flags & kLabelled) == 0;
    *flags |= (bets_answers ? kAnswered : 0) | (bets_label ? kLabelled : 0);
  }
  for (PairEvidence& metric : metrics_) {
    if (bets_answers) metric.answers(*pair.answers, pair.slices);
    if (bets_label) metric.label(*pair.labelled, pair.slices);
  }
}

std::vector<std::byte> Agreement::state() const {
  Agreement copy = *this;  // `keep` names members for both ways
  stats::StateWriter writer;
  copy.keep(writer);
  return writer.take();
}

std::vector<std::byte> Agreement::judged_state() const {
  Agreement copy = *this;
  copy.seen_ = SeenUnits(plan_.most_units);
  return copy.state();
}

Result<Agreement> Agreement::restore(const EvidencePlan& plan, std::span<const std::byte> state) {
  Agreement agreement = TRY(create(plan));
  stats::StateReader reader(state);
  agreement.keep(reader);
  TRY(reader.finish());
  if (!agreement.seen_.is_sound()) {
    return corrupt("kept state: expected a table with as many units as it says, and free slots, found another");
  }
  return agreement;
}

}  // namespace slipway::evidence
