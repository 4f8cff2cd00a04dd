#include "answers.h"
#include "domain/stats/assignment_process.h"
#include "domain/stats/betting.h"
#include "domain/stats/difference_process.h"
#include "domain/stats/event_process.h"
#include "domain/stats/group_sequential.h"
#include "domain/stats/multiplicity.h"
#include "domain/stats/ratio_mismatch.h"
#include "domain/stats/risk_ratio.h"
#include "domain/stats/shape_process.h"

namespace slipway::references {
namespace {

std::vector<stats::ArmEvents> steps_of(Arguments& in) {
  const std::vector<double> shares = in.numbers();
  const std::vector<std::uint64_t> candidate = in.list<std::uint64_t>(), all = in.list<std::uint64_t>();
  std::vector<stats::ArmEvents> steps;
  for (std::size_t i = 0; i < shares.size(); ++i) steps.push_back({shares[i], candidate[i], all[i]});
  return steps;
}

Answer risk_ratio(Arguments& in) {
  const double margin = in.number();
  const std::vector<stats::ArmEvents> steps = steps_of(in);
  return std::vector<double>{TRY(stats::log_evidence_of_harm(steps)),
                             TRY(stats::log_evidence_of_no_harm(steps, margin))};
}

Answer assignment(Arguments& in) {
  const std::vector<std::uint8_t> arms = in.list<std::uint8_t>();
  const std::vector<double> shares = in.numbers(), weights = in.numbers(), scores = in.numbers();
  stats::AssignmentProcess process;
  stats::TiltProcess tilt(stats::Tilt::TwoSided);
  for (std::size_t i = 0; i < arms.size(); ++i) {
    TRY(process.bet(static_cast<stats::Arm>(arms[i]), shares[i], weights[i]));
    TRY(tilt.bet(static_cast<stats::Arm>(arms[i]), shares[i], scores[i]));
  }
  return std::vector<double>{process.log_evidence(), tilt.log_evidence()};
}

// Every bet on a unit: a value's difference both ways, its bin, a frequent event, the split itself, a rare event.
Answer assignment_bets(Arguments& in) {
  const stats::Contrast above{stats::Side::Above, in.number(), in.number()};
  const stats::Contrast below{stats::Side::Below, above.k, above.d};
  const double q = in.number(), null_ratio = in.number();
  const std::vector<std::uint8_t> arms = in.list<std::uint8_t>();
  const std::vector<double> shares = in.numbers(), values = in.numbers();
  stats::DifferenceProcess more(above), less(below);
  stats::ShapeProcess shape(8);
  stats::FrequentEventProcess frequent;
  stats::RatioMismatch mismatch;
  stats::EventProcess events({{2 * null_ratio, 3 * null_ratio}}, null_ratio);
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const auto arm = static_cast<stats::Arm>(arms[i]);
    more.unit(arm, shares[i], values[i]);
    less.unit(arm, shares[i], values[i]);
    shape.unit(arm, shares[i], static_cast<std::uint32_t>(8 * values[i]));
    frequent.unit(arm, shares[i], values[i] < q, q);
    mismatch.unit(arm, shares[i]);
    if (values[i] < 0.1) events.event(arm, shares[i]);
  }
  return std::vector<double>{more.log_evidence(),     less.log_evidence(),     shape.log_evidence(),
                             frequent.log_evidence(), mismatch.log_evidence(), events.log_evidence()};
}

Answer e_bh(Arguments& in) {
  const double alpha = in.number();
  const std::vector<bool> rejected = stats::e_benjamini_hochberg(in.numbers(), alpha);
  return std::vector<double>(rejected.begin(), rejected.end());
}

// The interval, then the capital of every grid point.
Answer betting(Arguments& in) {
  const double alpha = in.number();
  const std::uint64_t grid = in.count();
  stats::BettingInterval interval = TRY(stats::BettingInterval::create(alpha, static_cast<std::uint32_t>(grid)));
  for (const double value : in.numbers()) TRY(interval.observe(value));
  std::vector<double> out{interval.interval().low, interval.interval().high};
  for (std::uint64_t point = 0; point <= grid; ++point) out.push_back(interval.log_capital(point));
  return out;
}

}  // namespace

Answers sequential_answers() {
  Answers answers;
  answers["risk_ratio"] = risk_ratio;
  answers["events_to_detect"] = [](Arguments& in) {
    const double ratio = in.number(), rho = in.number();
    return one(stats::events_to_detect(ratio, rho, in.number()));
  };
  answers["risk_ratio_bounds"] = [](Arguments& in) -> Answer {
    const double alpha = in.number();
    const std::vector<stats::ArmEvents> steps = steps_of(in);
    const stats::Interval interval = TRY(stats::risk_ratio_interval(steps, alpha));
    return std::vector<double>{TRY(stats::risk_ratio_estimate(steps)), interval.low, interval.high};
  };
  answers["growth_of_events"] = [](Arguments& in) -> Answer {
    const double ratio = in.number();
    const stats::Growth growth = stats::growth_of_events(ratio, in.number());
    return std::vector<double>{growth.mean, growth.square};
  };
  answers["assignment"] = assignment;
  answers["assignment_bets"] = assignment_bets;
  answers["e_bh"] = e_bh;
  answers["e_lond_level"] = [](Arguments& in) -> Answer {
    const double alpha = in.number();
    const std::uint64_t t = in.count();
    return std::vector<double>{stats::e_lond_level(alpha, t, in.count())};
  };
  answers["betting"] = betting;
  answers["spent"] = [](Arguments& in) -> Answer {
    const double alpha = in.number(), share = in.number();
    return std::vector<double>{stats::spent(stats::Spending::ObrienFleming, alpha, share),
                               stats::spent(stats::Spending::Pocock, alpha, share)};
  };
  answers["crossing_probability"] = [](Arguments& in) -> Answer {
    const double drift = in.number();
    const std::vector<double> bounds = in.numbers(), shares = in.numbers();
    return std::vector<double>{stats::crossing_probability(bounds, shares, drift)};
  };
  answers["boundary_constant"] = [](Arguments& in) {
    const auto shape = static_cast<stats::Shape>(in.count());
    const double alpha = in.number();
    return one(stats::boundary_constant(shape, alpha, in.count()));
  };
  answers["spending_boundaries"] = [](Arguments& in) {
    const auto spending = static_cast<stats::Spending>(in.count());
    const double alpha = in.number();
    return stats::spending_boundaries(spending, alpha, in.numbers());
  };
  return answers;
}

}  // namespace slipway::references
