// From evidence to a verdict, and to the words that a person reads.
#include <algorithm>
#include <array>
#include <cmath>

#include "domain/evidence/asked_metrics.h"
#include "domain/evidence/evidence.h"
#include "domain/evidence/judgement_words.h"
#include "domain/stats/log_mean.h"
#include "domain/stats/multiplicity.h"
#include "domain/stats/risk_ratio.h"

namespace slipway::evidence {
namespace {

constexpr std::array<std::string_view, 3> kStages{"assignment", "answer", "label"};
constexpr double kMostUnusable = 0.05;
constexpr double kMostRequests = 1e15;

std::string counts_of(const Finding& finding) {
  const auto one = [](const ArmCount& arm) {
    if (arm.mean) return "mean " + number(*arm.mean) + " of " + std::to_string(arm.units);
    return std::to_string(arm.events) + " of " + std::to_string(arm.units);
  };
  return "candidate " + one(finding.candidate) + ", control " + one(finding.control);
}

std::string effect_of(const Finding& finding) {
  if (!finding.effect) return "";
  std::string text = "; " + finding.effect_of + " " + number(*finding.effect);
  if (finding.effect_interval) {
    text += " in [" + number(finding.effect_interval->low) + ", " + number(finding.effect_interval->high) + "]";
  }
  return text;
}

std::string place_of(const Finding& finding) {
  return finding.slice.empty() ? finding.metric : finding.metric + " in slice " + finding.slice;
}

std::string text_of(const LimitPlan& limit, double value) {
  const bool is_low = limit.least && value < *limit.least;
  return limit.name + ": " + number(value) + " is " + (is_low ? "less than " : "more than ") +
         number(is_low ? *limit.least : *limit.most) + " (asked of " + limit.server + ": not randomised, only a fuse)";
}

bool is_shown(const MetricEvidence& metric, double bar) {
  return metric.has_minimum() && metric.log_safe().value_or(0) >= bar;
}

}  // namespace

double Evidence::weight_of(std::size_t metric) const {
  return plan_.metrics[metric].weight / all_weights_;
}

double Evidence::harm_bar() const {
  return -std::log(plan_.live_alpha());
}

double Evidence::bar_of(std::size_t metric) const {
  return harm_bar() - std::log(weight_of(metric) * (plan_.slices.empty() ? 1 : 1 - plan_.slice_share));
}

// A metric with too few units counts as if it had said nothing. One with planned looks has its part of alpha there.
double Evidence::log_harm() const {
  if (metrics_.empty()) return 0;
  std::array<double, kMostMetrics> logs{}, weights{};
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    logs.at(i) = metrics_[i].has_minimum() ? metrics_[i].log_harm() : 0;
    weights.at(i) = is_planned(i) ? 0 : weight_of(i);
  }
  const std::size_t count = metrics_.size();
  const double log = stats::log_weighted_sum(std::span(logs).first(count), std::span(weights).first(count));
  return std::isinf(log) ? 0 : log;  // nothing was bet
}

std::optional<std::size_t> Evidence::broken_limit() const {
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    if (limits_[i] && !plan_.limits[i].is_kept_by(*limits_[i])) return i;
  }
  return std::nullopt;
}

bool Evidence::is_harmful() const {
  if (!planned_.empty() && planned_.front().worse()) return true;
  return fuse_blown_ || broken_limit() || log_harm() >= harm_bar();
}

bool Evidence::is_safe() const {
  const double bar = -std::log(plan_.beta);
  if (!planned_.empty() && planned_.front().pending()) return false;
  bool has_guardrail = !planned_.empty();
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (is_planned(i) || !plan_.metrics[i].is_guardrail()) continue;
    has_guardrail = true;
    if (!is_shown(metrics_[i], bar)) return false;
  }
  return has_guardrail;
}

// A planned test has the power it was planned for when it has decided, or has had its last look.
bool Evidence::has_power() const {
  if (metrics_.empty()) return false;
  const double safe_bar = -std::log(plan_.beta);
  bool is_any_bet_on = false;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (is_planned(i) || !is_asked(plan_, i)) continue;
    is_any_bet_on = true;
    if (margin_is_enough(plan_.metrics[i]) && is_shown(metrics_[i], safe_bar)) continue;
    if (metrics_[i].power(bar_of(i)) < plan_.power) return false;
  }
  return is_any_bet_on || planned_.empty() || planned_.front().is_over();
}

std::vector<std::string> Evidence::holds() const {
  std::vector<std::string> holds;
  const double bar = -std::log(plan_.mismatch_alpha / static_cast<double>(mismatches_.size()));
  for (std::size_t stage = 0; stage < mismatches_.size(); ++stage) {
    const double evidence = mismatches_.at(stage).log_evidence();
    if (evidence < bar) continue;
    holds.push_back("units do not go to the arms as logged (at the " + std::string(kStages.at(stage)) + ": e-value " +
                    e_value(evidence) + ", at most " + e_value(bar) + " expected)");
  }
  if (refused_ > 0) {
    holds.push_back("the table of units is full with " + std::to_string(plan_.most_units) + ": " +
                    std::to_string(refused_) + " observations were left out");
  }
  if (without_unit_ > 0 && without_unit_ * 20 > answers_) {
    holds.push_back(std::to_string(without_unit_) + " of " + std::to_string(answers_) +
                    " observations had no unit key");
  }
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const double unusable = is_planned(i) ? planned_.front().of(i).unusable_share() : metrics_[i].unusable_share();
    if (unusable <= kMostUnusable) continue;
    holds.push_back(plan_.metrics[i].name + ": " + number(100 * unusable) + " % of the values are no numbers in range");
  }
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    if (!limits_[i]) holds.push_back(plan_.limits[i].name + ": " + plan_.limits[i].server + " gives no value");
  }
  return holds;
}

bool Evidence::is_amber() const {
  return log_harm() >= std::log(0.1) + harm_bar();
}

bool Evidence::may_advance() const {
  return !is_harmful() && !is_amber() && has_power() && holds().empty();
}

model::Verdict Evidence::verdict() const {
  if (is_harmful()) return model::Verdict::Fail;
  if (is_safe() && has_power() && holds().empty()) return model::Verdict::Pass;
  return model::Verdict::Inconclusive;
}

Finding Evidence::finding(std::size_t index, std::optional<std::size_t> slice, Detail detail) const {
  const MetricPlan& plan = plan_.metrics[index];
  const MetricEvidence& metric = metrics_[index];
  Finding finding{.metric = plan.name, .slice = slice ? plan_.slices[*slice] : ""};
  finding.log_harm = metric.log_harm_of(slice);
  finding.harm_bar = bar_of(index);
  finding.safe_bar = -std::log(plan_.beta);
  if (slice) return finding;
  if (is_planned(index)) {
    planned_.front().of(index).describe(finding);
    return finding;
  }
  finding.log_safe = metric.log_safe();
  finding.power = metric.power(finding.harm_bar);
  finding.control = metric.control();
  finding.candidate = metric.candidate();
  finding.control.mean = metric.mean_of(stats::Arm::Control);
  finding.candidate.mean = metric.mean_of(stats::Arm::Candidate);
  const bool is_ratio = plan.source == Source::Errors || plan.source == Source::Latency;
  finding.effect_of = is_ratio ? "risk ratio" : "difference of means";
  if (plan.margin_relative) finding.margin = plan.margin_relative;
  if (plan.margin_difference) finding.margin = plan.margin_difference;
  if (plan.margin_ratio) finding.margin = plan.margin_ratio;
  if (detail == Detail::Brief) return finding;
  finding.effect = metric.effect();
  if (is_ratio && !metric.events_by_share().empty()) {
    const auto interval = stats::risk_ratio_interval(metric.events_by_share(), plan_.alpha);
    if (interval.ok()) finding.effect_interval.emplace(*interval);
  }
  return finding;
}

// e-BH over every metric in every slice.
void Evidence::name_slices(Judgement& judgement, Detail detail) const {
  std::vector<double> logs;
  for (const MetricEvidence& metric : metrics_) {
    for (std::size_t slice = 0; slice < plan_.slices.size(); ++slice) logs.push_back(metric.log_harm_of(slice));
  }
  const std::vector<bool> named = stats::e_benjamini_hochberg(logs, plan_.alpha);
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (!named[i]) continue;
    judgement.findings.push_back(finding(i / plan_.slices.size(), i % plan_.slices.size(), detail));
    judgement.named_slices.push_back(place_of(judgement.findings.back()));
  }
}

Missing Evidence::missing() const {
  Missing missing;
  if (const auto pending = planned_.empty() ? std::nullopt : planned_.front().pending()) {
    const PlannedComparison& comparison = planned_.front().of(*pending);
    if (const auto look = comparison.next_look()) {
      missing.requests = *look - comparison.units();
      missing.what = plan_.metrics[*pending].name + ": " + std::to_string(missing.requests) +
                     " more units with an outcome until the next look";
      return missing;
    }
  }
  if (answers_ == 0 || !(last_p_ > 0)) {
    missing.what = "answers of both arms: none came yet";
    return missing;
  }
  double most = 0;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (is_planned(i) || !is_asked(plan_, i)) continue;
    const double safe_bar = -std::log(plan_.beta);
    const auto power = margin_is_enough(plan_.metrics[i]) ? std::optional(0.0)
                                                          : metrics_[i].units_to_power(bar_of(i), plan_.power, last_p_);
    auto safe = plan_.metrics[i].is_guardrail() ? metrics_[i].units_to_safe(safe_bar, last_p_) : std::optional(0.0);
    if (!power || !safe) {
      missing.what = plan_.metrics[i].name + ": nothing to estimate from yet";
      return missing;
    }
    const double units = std::max(*power, *safe);
    if (units <= most) continue;
    most = units;
    missing.requests = static_cast<std::uint64_t>(std::min(std::ceil(units), kMostRequests));
    const auto events = metrics_[i].events_to_safe(safe_bar, last_p_);
    missing.events = events && *safe >= *power ? static_cast<std::uint64_t>(std::ceil(*events)) : 0;
    missing.what = plan_.metrics[i].name + ": about " + std::to_string(missing.requests) + " more requests";
    if (missing.events > 0) missing.what += " (" + std::to_string(missing.events) + " more events)";
  }
  if (most > 0 && last_t_ > first_t_) {
    // In keyed plans only new units count; requests are what there is a rate of, so it is the least it takes.
    const double per_second = static_cast<double>(answers_) / (last_t_ - first_t_);
    missing.about_seconds = most / per_second;
    missing.what += ", about " + duration(*missing.about_seconds) + " at the present rate";
  }
  return missing;
}

std::string Evidence::reason_for_rollback(const Judgement& judgement) const {
  if (fuse_blown_) {
    return "fuse: at least " + std::to_string(plan_.fuse->errors) + " of " + std::to_string(plan_.fuse->window) +
           " answers of the candidate in a row were errors (by chance, if 5 % fail: " +
           number(false_alarm_probability(*plan_.fuse, 0.05)) + ")";
  }
  if (const auto broken = broken_limit()) return text_of(plan_.limits[*broken], *limits_[*broken]);
  if (const auto worse = planned_.empty() ? std::nullopt : planned_.front().worse()) {
    return plan_.metrics[*worse].name + " is worse: " + planned_.front().of(*worse).text() + "; " +
           counts_of(judgement.findings[*worse]);
  }
  std::size_t worst = 0;
  for (std::size_t i = 1; i < metrics_.size(); ++i) {
    const auto share = [&](std::size_t m) {
      return is_planned(m) ? -HUGE_VAL : metrics_[m].log_harm() + std::log(weight_of(m));
    };
    if (share(i) > share(worst)) worst = i;
  }
  const Finding& finding = judgement.findings[worst];
  std::string text = finding.metric + " is worse: e-value of harm " + e_value(metrics_[worst].log_harm()) +
                     ", of all " + "metrics " + e_value(judgement.log_harm) + ", rolls back at " +
                     e_value(judgement.harm_bar) + "; " + counts_of(finding) + effect_of(finding);
  if (!judgement.named_slices.empty()) text += "; worst in " + judgement.named_slices.front();
  return text;
}

std::string Evidence::reason_for_holding(const Judgement& judgement) const {
  if (!judgement.holds.empty()) return judgement.holds.front();
  if (const auto pending = planned_.empty() ? std::nullopt : planned_.front().pending()) {
    const PlannedComparison& comparison = planned_.front().of(*pending);
    return plan_.metrics[*pending].name + (comparison.next_look() ? " is not decided: " : " stays undecided: ") +
           comparison.text();
  }
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (is_planned(i) || !is_asked(plan_, i)) continue;
    if (!metrics_[i].has_minimum()) {
      return plan_.metrics[i].name + ": expected at least " + std::to_string(plan_.metrics[i].minimum_sample) +
             " units of each arm, found " + std::to_string(metrics_[i].candidate().units) + " of the candidate and " +
             std::to_string(metrics_[i].control().units) + " of control";
    }
    if (!plan_.metrics[i].is_guardrail()) continue;
    const Finding& finding = judgement.findings[i];
    if (finding.log_safe.value_or(0) >= finding.safe_bar) continue;
    return finding.metric + " is not yet shown to be no worse by its margin: e-value " + e_value(*finding.log_safe) +
           " of " + e_value(finding.safe_bar) + "; " + counts_of(finding) + effect_of(finding);
  }
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    // A margin that is enough is shown, or it was the reason above.
    if (is_planned(i) || !is_asked(plan_, i) || margin_is_enough(plan_.metrics[i])) continue;
    if (judgement.findings[i].power >= plan_.power) continue;
    return plan_.metrics[i].name + ": a harm of the design size would have been found with a chance of " +
           number(100 * judgement.findings[i].power) + " %, " + number(100 * plan_.power) + " % is asked for";
  }
  return "no metric has a margin, so there is nothing that promotes";
}

Judgement Evidence::judge(Detail detail) const {
  Judgement judgement{.verdict = verdict(), .log_harm = log_harm(), .harm_bar = harm_bar()};
  for (std::size_t i = 0; i < metrics_.size(); ++i) judgement.findings.push_back(finding(i, std::nullopt, detail));
  if (!plan_.slices.empty()) name_slices(judgement, detail);
  judgement.holds = holds();
  judgement.has_power = has_power();
  judgement.is_amber = is_amber();
  judgement.may_advance = may_advance();
  conclude(
      judgement,
      "every guardrail is shown to be no worse by its margin, and harm of the design size would have been found "
      "where no difference of error rates is shown",
      [this](const Judgement& of) { return reason_for_rollback(of); },
      [this](const Judgement& of) { return reason_for_holding(of); }, [this] { return missing(); });
  return judgement;
}

}  // namespace slipway::evidence
