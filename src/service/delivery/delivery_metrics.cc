// What Delivery counts, for Prometheus. Labels are bounded: names of models that have an open rollout, their versions,
// the metrics of their plans, and words of our own.
#include <algorithm>

#include "service/delivery/delivery.h"

namespace slipway::delivery {
namespace {

using ports::MetricKind;
using ports::MetricLabel;
using ports::MetricVisitor;

constexpr std::array<std::string_view, 2> kDeciders = {"controller", "person"};
constexpr std::array<std::string_view, 4> kOutcomes = {"label", "reward", "conversion", "cost"};

struct Seen {
  rollout::Rollout state;
  std::vector<rollout::Evidence> evidence;
  std::vector<evidence::Judgement> judgements;
  std::vector<ports::JoinCount> joins;
};

// The labels that every family has.
struct Place {
  explicit Place(const rollout::Rollout& rollout) : model(rollout.model.text()), environment(rollout.environment) {}
  void sample(MetricVisitor& visitor, std::initializer_list<MetricLabel> more, double value) const {
    std::vector<MetricLabel> labels = {{"model", model}, {"environment", environment}};
    labels.insert(labels.end(), more);
    visitor.sample(labels, value);
  }
  std::string model, environment;
};

void collect_weights(MetricVisitor& visitor, const std::vector<Seen>& all) {
  visitor.family("slipway_rollout_weight", "Share of traffic that a rollout wants for a version, 0 to 1",
                 MetricKind::Gauge);
  for (const Seen& seen : all) {
    for (const model::Share& share : seen.state.wanted.shares) {
      Place(seen.state).sample(visitor, {{"version", std::to_string(share.version)}}, share.share.count / 10'000.0);
    }
  }
}

// What each metric of each candidate says, and what it has to reach.
template <class Value>
void collect_evidence(MetricVisitor& visitor, const std::vector<Seen>& all, Value value) {
  for (const Seen& seen : all) {
    for (std::size_t i = 0; i < seen.judgements.size() && i < seen.state.candidates.size(); ++i) {
      const std::string version = std::to_string(seen.state.candidates[i]);
      for (const evidence::Finding& finding : seen.judgements[i].findings) {
        if (!finding.slice.empty()) continue;  // which slices are named changes
        const auto [harm, safe] = value(finding);
        Place(seen.state).sample(visitor, {{"version", version}, {"metric", finding.metric}, {"of", "harm"}}, harm);
        if (!finding.log_safe) continue;
        Place(seen.state).sample(visitor, {{"version", version}, {"metric", finding.metric}, {"of", "no_harm"}}, safe);
      }
    }
  }
}

void collect_verdicts(MetricVisitor& visitor, const std::vector<Seen>& all) {
  visitor.family("slipway_rollout_verdict", "1 for what the evidence says of a candidate: pass, fail or inconclusive",
                 MetricKind::Gauge);
  for (const Seen& seen : all) {
    for (std::size_t i = 0; i < seen.evidence.size() && i < seen.state.candidates.size(); ++i) {
      const std::string version = std::to_string(seen.state.candidates[i]);
      Place(seen.state)
          .sample(visitor, {{"version", version}, {"verdict", model::name_of(seen.evidence[i].verdict)}}, 1);
    }
  }
}

template <class Sample>
void each_arm(const std::vector<Seen>& all, Sample sample) {
  for (const Seen& seen : all) {
    for (std::size_t i = 0; i < seen.joins.size() && i < seen.state.candidates.size() + 1; ++i) {
      sample(Place(seen.state), std::to_string(i == 0 ? seen.state.control : seen.state.candidates[i - 1]),
             seen.joins[i]);
    }
  }
}

void collect_joins(MetricVisitor& visitor, const std::vector<Seen>& all) {
  visitor.family("slipway_rollout_answers", "Predictions of a rollout so far, by the version they were assigned to",
                 MetricKind::Gauge);
  each_arm(all, [&](const Place& place, const std::string& version, const ports::JoinCount& arm) {
    place.sample(visitor, {{"version", version}}, static_cast<double>(arm.answers));
  });
  visitor.family("slipway_rollout_outcomes", "Outcomes told of them, of which a prediction may have several",
                 MetricKind::Gauge);
  each_arm(all, [&](const Place& place, const std::string& version, const ports::JoinCount& arm) {
    for (std::size_t kind = 0; kind < kOutcomes.size(); ++kind) {
      place.sample(visitor, {{"version", version}, {"kind", kOutcomes.at(kind)}},
                   static_cast<double>(arm.outcomes.at(kind)));
    }
  });
}

}  // namespace

void Delivery::collect(MetricVisitor& visitor) const {
  std::vector<Seen> all;
  for (const auto& [number, known] : *known_.lock()) {
    // Those that wait have no traffic, and there may be several of one model.
    if (known.state.state != rollout::State::Queued) {
      all.push_back({known.state, known.evidence, known.judgements, known.joins});
    }
  }
  collect_weights(visitor, all);
  visitor.family("slipway_rollout_evidence", "Natural logarithm of the e-value of each metric of a rollout",
                 MetricKind::Gauge);
  collect_evidence(visitor, all, [](const evidence::Finding& finding) {
    return std::pair(finding.log_harm, finding.log_safe.value_or(0));
  });
  visitor.family("slipway_rollout_evidence_bar", "What slipway_rollout_evidence has to reach to decide",
                 MetricKind::Gauge);
  collect_evidence(visitor, all,
                   [](const evidence::Finding& finding) { return std::pair(finding.harm_bar, finding.safe_bar); });
  collect_verdicts(visitor, all);
  collect_joins(visitor, all);
  visitor.family("slipway_rollout_state", "1 for the state that an open rollout is in", MetricKind::Gauge);
  for (const Seen& seen : all) {
    const bool is_paused = seen.state.paused.has_value();
    Place(seen.state)
        .sample(visitor, {{"state", rollout::name_of(seen.state.state)}, {"paused", is_paused ? "yes" : "no"}}, 1);
  }
  visitor.family("slipway_rollout_decisions_total", "Decisions about rollouts, by the state they led to and by whom",
                 MetricKind::Counter);
  for (std::size_t state = 0; state < counts_.size(); ++state) {
    for (std::size_t by = 0; by < kDeciders.size(); ++by) {
      const MetricLabel labels[] = {{"state", rollout::name_of(static_cast<rollout::State>(state))},
                                    {"by", kDeciders.at(by)}};
      visitor.sample(labels, static_cast<double>(counts_.at(state).at(by).load()));
    }
  }
}

void Delivery::count(const ports::RolloutDecision& decision) {
  ++counts_.at(static_cast<std::size_t>(decision.state)).at(decision.actor.empty() ? 0 : 1);
}

}  // namespace slipway::delivery
