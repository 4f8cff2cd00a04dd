// From pairs to a verdict, and to the words that a person reads.
#include <algorithm>
#include <cmath>

#include "domain/evidence/agreement.h"
#include "domain/evidence/judgement_words.h"
#include "domain/stats/log_mean.h"
#include "domain/stats/multiplicity.h"

namespace slipway::evidence {
namespace {

constexpr double kMostUnusable = 0.05;
constexpr double kMostRequests = 1e15;

std::string percent(double share) {
  return number(100 * share) + " %";
}

std::string what_was_seen(const Finding& finding, const PairEvidence& metric) {
  std::string text = std::to_string(finding.candidate.units) + " pairs";
  if (finding.effect) text += ", " + finding.effect_of + " " + number(*finding.effect);
  if (finding.effect_interval) {
    text += " in [" + number(finding.effect_interval->low) + ", " + number(finding.effect_interval->high) + "]";
  }
  const std::string worst = metric.worst();
  return worst.empty() ? text : text + ", " + worst;
}

}  // namespace

double Agreement::weight_of(std::size_t metric) const {
  return plan_.agreement.metrics[metric].weight / all_weights_;
}

double Agreement::harm_bar() const {
  return -std::log(plan_.shadow_alpha());
}

double Agreement::bar_of(std::size_t metric) const {
  return harm_bar() - std::log(weight_of(metric) * (plan_.slices.empty() ? 1 : 1 - plan_.slice_share));
}

double Agreement::safe_bar() const {
  return -std::log(plan_.beta);
}

// A metric with too few pairs counts as if it had said nothing.
double Agreement::log_harm() const {
  std::vector<double> logs, weights;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    logs.push_back(metrics_[i].has_minimum() ? metrics_[i].log_harm(plan_.slice_share) : 0);
    weights.push_back(weight_of(i));
  }
  return stats::log_weighted_sum(logs, weights);
}

bool Agreement::is_harmful() const {
  return std::ranges::any_of(metrics_, &PairEvidence::is_broken) || log_harm() >= harm_bar();
}

bool Agreement::is_safe() const {
  bool has_guardrail = false;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (!plan_.agreement.metrics[i].is_guardrail()) continue;
    has_guardrail = true;
    if (!metrics_[i].has_minimum() || metrics_[i].log_safe().value_or(0) < safe_bar()) return false;
  }
  return has_guardrail;
}

std::vector<std::string> Agreement::holds() const {
  std::vector<std::string> holds;
  const std::uint64_t asked = pairs_ + lost_;
  const double lost = asked > 0 ? static_cast<double>(lost_) / static_cast<double>(asked) : 0;
  if (lost > plan_.agreement.most_lost) {
    holds.push_back(std::to_string(lost_) + " of " + std::to_string(asked) + " pairs were lost, at most " +
                    percent(plan_.agreement.most_lost) + " may be: what is left speaks of calm times only");
  }
  if (refused_ > 0) {
    holds.push_back("the table of units is full with " + std::to_string(seen_.size()) + ": " +
                    std::to_string(refused_) + " observations were left out");
  }
  if (without_unit_ > 0 && without_unit_ * 20 > pairs_) {
    holds.push_back(std::to_string(without_unit_) + " of " + std::to_string(pairs_) + " observations had no unit key");
  }
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (metrics_[i].unusable_share() <= kMostUnusable) continue;
    holds.push_back(plan_.agreement.metrics[i].name + ": " + percent(metrics_[i].unusable_share()) +
                    " of the pairs have no values to compare");
  }
  return holds;
}

model::Verdict Agreement::verdict() const {
  if (is_harmful()) return model::Verdict::Fail;
  if (is_safe() && holds().empty()) return model::Verdict::Pass;
  return model::Verdict::Inconclusive;
}

Finding Agreement::finding(std::size_t index, std::optional<std::size_t> slice) const {
  const PairMetricPlan& plan = plan_.agreement.metrics[index];
  const PairEvidence& metric = metrics_[index];
  Finding finding{.metric = plan.name, .slice = slice ? plan_.slices[*slice] : ""};
  finding.log_harm = metric.log_harm_of(slice);
  finding.harm_bar = bar_of(index);
  finding.safe_bar = safe_bar();
  if (slice) return finding;
  finding.log_safe = metric.log_safe();
  if (is_share(plan.source)) finding.margin.emplace(plan.most);
  if (plan.margin_difference) finding.margin = plan.margin_difference;
  metric.describe(finding);
  return finding;
}

// e-BH over every metric in every slice.
void Agreement::name_slices(Judgement& judgement) const {
  std::vector<double> logs;
  for (const PairEvidence& metric : metrics_) {
    for (std::size_t slice = 0; slice < plan_.slices.size(); ++slice) logs.push_back(metric.log_harm_of(slice));
  }
  const std::vector<bool> named = stats::e_benjamini_hochberg(logs, plan_.shadow_alpha());
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (!named[i]) continue;
    judgement.findings.push_back(finding(i / plan_.slices.size(), i % plan_.slices.size()));
    const Finding& of_slice = judgement.findings.back();
    judgement.named_slices.push_back(of_slice.metric + " in slice " + of_slice.slice);
  }
}

Missing Agreement::missing() const {
  Missing missing;
  if (pairs_ == 0) {
    missing.what = "pairs of answers: none came yet";
    return missing;
  }
  double most = 0;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (!plan_.agreement.metrics[i].is_guardrail()) continue;
    const auto pairs = metrics_[i].pairs_to_safe(safe_bar());
    if (!pairs) {
      missing.what = plan_.agreement.metrics[i].name + ": what was seen so far leads to no promotion";
      return missing;
    }
    if (*pairs <= most) continue;
    most = *pairs;
    missing.requests = static_cast<std::uint64_t>(std::min(std::ceil(most), kMostRequests));
    missing.what = plan_.agreement.metrics[i].name + ": about " + std::to_string(missing.requests) + " more pairs";
  }
  if (most > 0 && last_t_ > first_t_) {
    const double seconds = most * (last_t_ - first_t_) / static_cast<double>(pairs_);
    missing.about_seconds.emplace(seconds);
    missing.what += ", about " + duration(seconds) + " at the present rate";
  }
  return missing;
}

std::string Agreement::reason_for_rollback(const Judgement& judgement) const {
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (!metrics_[i].is_broken()) continue;
    return plan_.agreement.metrics[i].name + ": outputs differ where none may; " +
           what_was_seen(judgement.findings[i], metrics_[i]);
  }
  std::size_t worst = 0;
  const auto share = [&](std::size_t i) {
    return metrics_[i].has_minimum() ? metrics_[i].log_harm(plan_.slice_share) + std::log(weight_of(i)) : 0;
  };
  for (std::size_t i = 1; i < metrics_.size(); ++i) {
    if (share(i) > share(worst)) worst = i;
  }
  std::string text = plan_.agreement.metrics[worst].name + " disagrees: e-value of harm " +
                     e_value(metrics_[worst].log_harm(plan_.slice_share)) + ", of all metrics " +
                     e_value(judgement.log_harm) + ", rolls back at " + e_value(judgement.harm_bar) + "; " +
                     what_was_seen(judgement.findings[worst], metrics_[worst]);
  if (!judgement.named_slices.empty()) text += "; worst in " + judgement.named_slices.front();
  return text;
}

std::string Agreement::reason_for_holding(const Judgement& judgement) const {
  if (!judgement.holds.empty()) return judgement.holds.front();
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const PairMetricPlan& plan = plan_.agreement.metrics[i];
    if (!plan.is_guardrail()) continue;
    const Finding& finding = judgement.findings[i];
    if (!metrics_[i].has_minimum()) {
      return plan.name + ": expected at least " + std::to_string(plan.minimum_sample) + " pairs, found " +
             std::to_string(finding.candidate.units);
    }
    if (*finding.log_safe >= finding.safe_bar) continue;
    return plan.name + " is not yet shown to agree: e-value " + e_value(*finding.log_safe) + " of " +
           e_value(finding.safe_bar) + "; " + what_was_seen(finding, metrics_[i]);
  }
  return "no metric of pairs has a margin, so there is nothing that promotes";
}

Judgement Agreement::judge() const {
  Judgement judgement{.verdict = verdict(), .log_harm = log_harm(), .harm_bar = harm_bar()};
  for (std::size_t i = 0; i < metrics_.size(); ++i) judgement.findings.push_back(finding(i, std::nullopt));
  if (!plan_.slices.empty()) name_slices(judgement);
  judgement.holds = holds();
  judgement.has_power = is_safe();
  judgement.is_amber = judgement.log_harm >= std::log(0.1) + harm_bar();
  const bool is_failed = judgement.verdict == model::Verdict::Fail;
  judgement.may_advance = judgement.has_power && !judgement.is_amber && judgement.holds.empty() && !is_failed;
  conclude(
      judgement, "every metric of pairs is shown to agree as far as it has to",
      [this](const Judgement& of) { return reason_for_rollback(of); },
      [this](const Judgement& of) { return reason_for_holding(of); }, [this] { return missing(); });
  return judgement;
}

}  // namespace slipway::evidence
