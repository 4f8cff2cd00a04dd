#include "answers.h"
#include "domain/stats/confidence_sequence.h"
#include "domain/stats/linear_reward.h"
#include "domain/stats/off_policy.h"
#include "domain/stats/paired_process.h"
#include "domain/stats/rate_process.h"

namespace slipway::references {
namespace {

// The rate above and below p0, and the coin.
Answer rates(Arguments& in) {
  const double p0 = in.number();
  stats::RateProcess above(stats::Side::Above, p0), below(stats::Side::Below, p0);
  stats::CoinProcess coin;
  for (const std::uint8_t event : in.list<std::uint8_t>()) {
    above.trial(event != 0);
    below.trial(event != 0);
    coin.toss(event != 0);
  }
  return std::vector<double>{above.log_evidence(), below.log_evidence(), coin.log_evidence()};
}

Answer pairs(Arguments& in) {
  const double bound = in.number();
  const std::uint64_t reference = in.count();
  const std::vector<double> control = in.numbers(), candidate = in.numbers();
  stats::SymmetryProcess both(stats::Tilt::TwoSided), up(stats::Tilt::Upwards);
  stats::MeanProcess above(stats::Side::Above, bound), below(stats::Side::Below, bound);
  stats::MarginsProcess margins(reference);
  for (std::size_t i = 0; i < control.size(); ++i) {
    const double d = candidate[i] - control[i];
    both.difference(d);
    up.difference(d);
    above.value(d);
    below.value(d);
    margins.pair(control[i], candidate[i]);
  }
  return std::vector<double>{both.log_evidence(),  up.log_evidence(),      above.log_evidence(),
                             below.log_evidence(), margins.log_evidence(), margins.distance()};
}

Answer rate_sequence(Arguments& in) {
  const stats::Rate seen{in.count(), in.count()};
  const double alpha = in.number();
  return both(stats::rate_sequence(seen, alpha, in.number()));
}

Answer bernstein(Arguments& in) {
  stats::BernsteinInterval interval(in.number());
  for (const double value : in.numbers()) interval.observe(value);
  return std::vector<double>{interval.interval().low, interval.interval().high};
}

Answer off_policy(Arguments& in) {
  const double largest = in.number();
  stats::OffPolicyValue value = TRY(stats::OffPolicyValue::create(largest, in.number()));
  const std::vector<double> probability = in.numbers(), target = in.numbers(), reward = in.numbers();
  const std::vector<double> model = in.numbers(), of_action = in.numbers();
  for (std::size_t i = 0; i < probability.size(); ++i) {
    TRY(value.observe({probability[i], target[i], reward[i], model[i], of_action[i]}));
  }
  return std::vector<double>{value.by_inverse_propensity(), value.self_normalised(),       value.doubly_robust(),
                             value.standard_error(),        value.effective_sample_size(), value.variance_of_rewards(),
                             value.interval().low,          value.interval().high};
}

// Rows of as many features as asked, with rewards; then a row that is scored.
Answer linear_reward(Arguments& in) {
  const std::uint64_t features = in.count();
  stats::LinearReward reward(features, in.number());
  const std::vector<double> rows = in.numbers(), rewards = in.numbers(), weights = in.numbers();
  for (std::size_t i = 0; i < rewards.size(); ++i) {
    reward.observe(std::span(rows).subspan(i * features, features), rewards[i], weights[i]);
  }
  const auto [mean, width] = reward.score(in.numbers());
  return std::vector<double>{mean, width};
}

}  // namespace

Answers paired_answers() {
  Answers answers;
  answers["rates"] = rates;
  answers["pairs"] = pairs;
  answers["rate_sequence"] = rate_sequence;
  answers["distribution_band"] = [](Arguments& in) -> Answer {
    const std::uint64_t n = in.count();
    return std::vector<double>{stats::distribution_band(n, in.number())};
  };
  answers["bernstein"] = bernstein;
  answers["off_policy"] = off_policy;
  answers["linear_reward"] = linear_reward;
  return answers;
}

}  // namespace slipway::references
