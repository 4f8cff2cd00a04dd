#include "domain/evidence/forecast.h"

#include <algorithm>
#include <cmath>

#include "domain/evidence/asked_metrics.h"
#include "domain/evidence/judgement_words.h"
#include "domain/stats/difference_process.h"
#include "domain/stats/event_process.h"
#include "domain/stats/rate_process.h"

namespace slipway::evidence {
namespace {

constexpr double kAboveP99 = 0.01;       // of answers, by what a p99 is
constexpr double kRankMoment = 1.0 / 3;  // of a rank that is evenly spread over 0 to 1
constexpr double kMostRequests = 1e15;
constexpr int kHalvings = 60;
constexpr std::uint64_t kMostPairs = std::uint64_t{1} << 50U;

bool is_ratio(const MetricPlan& plan) {
  return plan.source == Source::Errors || plan.source == Source::Latency;
}

// Of an outcome's value: as far from 0 as its range goes. A shift of outcomes that are all 1 is the hardest to see.
constexpr double kOutcome = 1;

std::optional<double> growth_of_margin_difference(const MetricPlan& plan, double share, double error_rate) {
  const double d = plan.margin_difference.value_or(0), m = plan.margin_relative.value_or(0);
  if (!plan.margin_difference && !plan.margin_relative) return std::nullopt;
  if (plan.source == Source::Amount) return std::nullopt;  // in units of amounts that nobody has seen yet
  if (plan.source == Source::Prediction) return share * (1 - share) * d * d / 4 / (2 * kRankMoment);
  const double scaled = plan.source == Source::Outcome ? d / (plan.high - plan.low) : d;
  const double rate = plan.source == Source::Errors ? error_rate : kOutcome;
  double least = HUGE_VAL;
  if (plan.direction != Direction::SmallerIsWorse) {
    least = std::min(least, stats::growth_of_difference({stats::Side::Below, 1 + m, scaled}, share, rate));
  }
  if (plan.direction != Direction::LargerIsWorse) {
    least = std::min(least, stats::growth_of_difference({stats::Side::Above, 1 - m, -scaled}, share, rate));
  }
  return least;
}

std::string effect_text(const MetricPlan& plan) {
  const double effect = plan.design_effect();
  switch (plan.source) {
    case Source::Errors:
      return number(effect) + " times as many";
    case Source::Latency:
      return number(effect) + " times as many answers above the control's p99";
    case Source::Prediction:
      return "a shift of ranks by " + number(effect);
    case Source::Outcome:
      return "a difference of " + number(effect);
    case Source::Amount:
      return "a difference of " + number(100 * effect) + " %";
  }
  return "";
}

}  // namespace

Forecast::Forecast(const EvidencePlan& plan, double error_rate)
    : plan_(plan), error_rate_(error_rate), metrics_(plan.metrics.size()) {
  for (const MetricPlan& each : plan_.metrics) all_weights_ += each.weight;
}

double Forecast::harm_bar(const MetricPlan& plan) const {
  return -std::log(plan_.live_alpha()) -
         std::log(plan.weight / all_weights_ * (plan_.slices.empty() ? 1 : 1 - plan_.slice_share));
}

bool Forecast::is_planned(std::size_t metric) const {
  const Source source = plan_.metrics[metric].source;
  return plan_.looks && (source == Source::Outcome || source == Source::Amount);
}

// A planned comparison shows by itself that a version is no worse.
bool Forecast::can_pass() const {
  return plan_.looks || std::ranges::any_of(plan_.metrics, &MetricPlan::is_guardrail);
}

// What evidence grows by with one request.
Forecast::Rates Forecast::rates_of(const MetricPlan& plan, double share) const {
  Rates rates;
  const double events = plan.source == Source::Errors ? error_rate_ : kAboveP99;
  if (is_ratio(plan)) {
    const stats::Growth growth = stats::growth_of_events(plan.design_effect(), share);
    rates.mean = events * growth.mean;
    rates.variance = events * growth.square;
  } else if (plan.source != Source::Amount) {
    const double width = plan.source == Source::Outcome ? plan.high - plan.low : 2;
    const double difference = plan.design_effect() / width;
    const double moment = plan.source == Source::Prediction ? kRankMoment : kOutcome;
    rates.mean = share * (1 - share) * difference * difference / (2 * moment);
    rates.variance = 2 * *rates.mean;
  }
  if (plan.margin_ratio) {
    const double m = *plan.margin_ratio;
    rates.safe[0] = events * (std::log1p(share * (m - 1)) - share * std::log(m));
  }
  rates.safe[1] = growth_of_margin_difference(plan, share, error_rate_);
  return rates;
}

// The least n for which the chance to reach the bar with n more requests is the power that is asked for.
std::optional<double> Forecast::to_power(std::size_t metric, const Rates& rates) const {
  if (!rates.mean || !(*rates.mean > 0)) return std::nullopt;
  const Metric& now = metrics_[metric];
  const double bar = harm_bar(plan_.metrics[metric]);
  const auto has_power = [&](double n) {
    return stats::chance_to_reach(bar, now.mean + n * *rates.mean, now.variance + n * *rates.variance) >= plan_.power;
  };
  if (has_power(0)) return 0.0;
  double high = 1;
  while (high < kMostRequests && !has_power(high)) high *= 2;
  if (high >= kMostRequests) return std::nullopt;
  double low = 0;
  for (int i = 0; i < kHalvings && high - low > 0.5; ++i) {
    const double middle = (low + high) / 2;
    (has_power(middle) ? high : low) = middle;
  }
  return high;
}

// Of two margins one is enough; their mean is the evidence, so that each alone reaches half.
std::optional<double> Forecast::to_safe(std::size_t metric, const Rates& rates) const {
  const auto count = std::ranges::count_if(rates.safe, [](const auto& each) { return each.has_value(); });
  std::optional<double> least;
  for (std::size_t i = 0; i < rates.safe.size(); ++i) {
    const std::optional<double>& growth = rates.safe.at(i);
    if (!growth || !(*growth > 0)) continue;
    const double mixed = i == 1 ? std::log(static_cast<double>(stats::DifferenceProcess::bets())) : 0;
    const double bar = -std::log(plan_.beta) + std::log(static_cast<double>(count)) + mixed;
    const double wanted = std::max(0.0, bar - metrics_[metric].safe.at(i)) / *growth;
    if (wanted < kMostRequests && (!least || wanted < *least)) least = wanted;
  }
  return least;
}

std::optional<double> Forecast::to(Aim aim, std::size_t metric, double share) const {
  const MetricPlan& plan = plan_.metrics[metric];
  const Rates rates = rates_of(plan, share);
  const auto power = to_power(metric, rates);
  const auto safe = plan.is_guardrail() ? to_safe(metric, rates) : std::optional(0.0);
  std::optional<double> wanted;
  if (margin_is_enough(plan)) {
    wanted = aim == Aim::Pass || !power ? safe : safe ? std::min(*safe, *power) : *power;
  } else if (aim == Aim::Power) {
    wanted = power;
  } else if (power && safe) {
    wanted = std::max(*power, *safe);
  }
  if (!wanted) return std::nullopt;
  const double scarce = std::min(share, 1 - share);
  const double least = static_cast<double>(plan.minimum_sample) - metrics_[metric].least;
  return std::max(*wanted, std::max(0.0, least) / scarce);
}

Takes Forecast::requests_to(Aim aim, double share) const {
  Takes takes;
  if (!(share > 0 && share < 1)) {
    takes.why = "evidence needs traffic for both versions";
    return takes;
  }
  if (aim == Aim::Pass && !metrics_.empty() && !can_pass()) {
    takes.why = "no metric has a margin, so nothing promotes";
    return takes;
  }
  double most = 0;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (is_planned(i) ? aim == Aim::Power : !is_asked(plan_, i)) continue;
    const MetricPlan& plan = plan_.metrics[i];
    const auto wanted = is_planned(i) ? std::optional(static_cast<double>(plan_.looks->units)) : to(aim, i, share);
    if (!wanted) {
      takes.metric = plan.name;
      takes.why = plan.source == Source::Errors && error_rate_ == 0
                      ? "without a single error no ratio of errors can be shown: say an error rate, or give it a "
                        "margin_difference"
                      : "it depends on values that nobody has seen yet";
      takes.requests.reset();
      return takes;
    }
    if (takes.metric.empty() || *wanted > most) most = *wanted, takes.metric = plan.name;
  }
  if (takes.metric.empty()) {
    takes.why = "no metric is asked";
    return takes;
  }
  if (plan_.unit != Unit::Request && served_ + most > static_cast<double>(plan_.most_units)) {
    takes.why = "it takes " + number(std::ceil(served_ + most)) + " units, and the plan remembers " +
                std::to_string(plan_.most_units) + ": raise most_units";
    return takes;
  }
  takes.requests = std::ceil(most);
  return takes;
}

Takes Forecast::pairs_to_pass() const {
  Takes takes;
  const double bar = -std::log(plan_.beta);
  double most = 0;
  std::string slowest;
  for (const PairMetricPlan& metric : plan_.agreement.metrics) {
    if (!metric.is_guardrail()) continue;
    takes.metric = metric.name;
    if (!is_share(metric.source)) {
      takes.why = "it depends on values that nobody has seen yet";
      return takes;
    }
    const auto is_shown = [&](std::uint64_t pairs) {
      stats::RateProcess process(stats::Side::Below, metric.most);
      process.trials(pairs, 0);
      return pairs >= metric.minimum_sample && process.log_evidence() >= bar;
    };
    std::uint64_t high = 1;
    while (!is_shown(high) && high < kMostPairs) high *= 2;
    for (std::uint64_t low = high / 2; high - low > 1;) {
      const std::uint64_t middle = low + (high - low) / 2;
      (is_shown(middle) ? high : low) = middle;
    }
    if (static_cast<double>(high) > most) most = static_cast<double>(high), slowest = metric.name;
  }
  takes.metric = slowest;
  if (slowest.empty()) {
    takes.why = "the plan's agreement asks nothing that a step could be left on";
  } else {
    takes.requests = most;
  }
  return takes;
}

void Forecast::serve(double share, double requests) {
  if (!(share > 0 && share < 1) || !(requests > 0)) return;
  served_ += requests;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const Rates rates = rates_of(plan_.metrics[i], share);
    Metric& metric = metrics_[i];
    metric.mean += requests * rates.mean.value_or(0);
    metric.variance += requests * rates.variance.value_or(0);
    metric.least += requests * std::min(share, 1 - share);
    for (std::size_t k = 0; k < metric.safe.size(); ++k) metric.safe.at(k) += requests * rates.safe.at(k).value_or(0);
  }
}

std::vector<Detection> Forecast::detections() const {
  std::vector<Detection> all;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const MetricPlan& plan = plan_.metrics[i];
    Detection& each = all.emplace_back(Detection{plan.name, effect_text(plan), std::nullopt});
    const bool is_known = plan.source != Source::Amount && (plan.source != Source::Errors || error_rate_ > 0);
    if (!is_known || is_planned(i)) continue;
    each.chance = stats::chance_to_reach(harm_bar(plan), metrics_[i].mean, metrics_[i].variance);
  }
  return all;
}

}  // namespace slipway::evidence
