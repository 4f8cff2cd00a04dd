#include "service/validation/evaluation.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"

namespace slipway::validation {
namespace {

constexpr std::size_t kMostGroups = 100;  // values of one column that are slices or groups
constexpr std::size_t kMostSets = 1024;

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

// Rows by the text in the column, ordered by it; empty when there are too many to be groups.
std::map<std::string, std::vector<std::uint32_t>> groups_of(const ports::TableColumn& column) {
  std::map<std::string, std::vector<std::uint32_t>> groups;
  for (std::uint32_t row = 0; row < column.missing.size(); ++row) {
    groups[text_of(column, row)].push_back(row);
    if (groups.size() > kMostGroups) return {};
  }
  return groups;
}

}  // namespace

Evaluation::Evaluation(const ports::GatePlan& plan, const GateInputs& inputs, gate::Measurements& measured)
    : plan_(plan), inputs_(inputs), measured_(measured) {
  held_.reserve(kMostSets);
  auto rows = tensor::RowPlan::of(inputs.candidate.manifest.signature);
  if (!rows.ok()) {
    miss("", rows.error().message);
    return;
  }
  rows_ = *std::move(rows);
  prepare_cases();
  if (inputs.data == nullptr) {
    miss("", inputs.no_data.empty() ? "no evaluation data was given" : inputs.no_data);
    return;
  }
  std::vector<std::string> spoken_for = {plan.data.label};
  spoken_for.insert(spoken_for.end(), plan.slices_by.begin(), plan.slices_by.end());
  spoken_for.insert(spoken_for.end(), plan.fairness_by.begin(), plan.fairness_by.end());
  if (plan.gates.schema) measured.schema = look_at_schema(*inputs.data, *rows_, spoken_for);
  if (!asks_answers()) return;
  auto truth = read_truth(*inputs.data, plan.data, inputs.candidate.manifest.signature);
  auto made = truth.ok() ? make_inputs(*inputs.data, *rows_) : Result<EvaluationRows>(truth.error());
  if (!made.ok()) {
    miss("", "evaluation data: " + made.error().message);
    return;
  }
  truth_ = *std::move(truth);
  held_.insert(held_.begin(), *std::move(made));
  sets_.insert(sets_.begin(), held_.front().set("hold-out"));
  if (case_truth_) {
    case_set_ = 1;
    sets_[1] = held_[1].set("regression cases");
  }
  prepare_behaviour();
}

// gate "": every gate that needs evaluation data.
void Evaluation::miss(std::string_view gate, const std::string& why) {
  const auto say = [&](std::string_view name) { measured_.missing.emplace(name, why); };
  if (!gate.empty()) return say(gate);
  for (const std::string_view name :
       {"quality", "slices", "behaviour", "robustness", "fairness", "calibration", "schema"}) {
    say(name);
  }
  if (!rows_) say("regression");
}

bool Evaluation::asks_answers() const {
  const gate::Plan& gates = plan_.gates;
  return gates.quality || gates.slices || gates.behaviour || gates.robustness || gates.fairness || gates.calibration;
}

std::size_t Evaluation::add_set(std::string name, EvaluationRows rows) {
  held_.push_back(std::move(rows));
  sets_.push_back(held_.back().set(std::move(name)));
  return sets_.size() - 1;
}

void Evaluation::prepare_cases() {
  if (!plan_.gates.regression) return;
  if (inputs_.cases == nullptr) {
    return miss("regression", inputs_.no_cases.empty() ? "no cases were given" : inputs_.no_cases);
  }
  auto truth = read_truth(*inputs_.cases, plan_.data, inputs_.candidate.manifest.signature);
  auto made = truth.ok() ? make_inputs(*inputs_.cases, *rows_) : Result<EvaluationRows>(truth.error());
  if (!made.ok()) return miss("regression", made.error().message);
  case_truth_ = *std::move(truth);
  case_set_ = add_set("regression cases", *std::move(made));
}

void Evaluation::prepare_behaviour() {
  for (const ports::BehaviourTest& test : plan_.behaviour) {
    auto rows = rows_where(*inputs_.data, test.where);
    if (!rows.ok()) return miss("behaviour", test.name + ": " + rows.error().message);
    std::size_t set = 0;
    if (!test.changes.empty()) {
      if (sets_.size() + 1 >= kMostSets) return miss("behaviour", "more tests than can be run at once");
      auto table = changed(*inputs_.data, test.changes);
      auto made = table.ok() ? make_inputs(*table, *rows_) : Result<EvaluationRows>(table.error());
      if (!made.ok()) return miss("behaviour", test.name + ": " + made.error().message);
      set = add_set(test.name, *std::move(made));
    }
    behaviour_.push_back({&test, *std::move(rows), set});
  }
}

std::optional<EvaluationRows> Evaluation::robustness_rows(const ports::RobustnessTest& test) {
  auto table = disturbed(*inputs_.data, test, *rows_, plan_.gates.seed);
  auto made = table.ok() ? make_inputs(*table, *rows_) : Result<EvaluationRows>(table.error());
  if (made.ok()) return *std::move(made);
  miss("robustness", test.name + ": " + made.error().message);
  return std::nullopt;
}

void Evaluation::take_answers(const ports::GateRun& run) {
  if (case_truth_) judge_cases(run);
  if (!truth_) return;
  if (run.answers.empty()) return miss("", "no answers: " + run.ended_early);
  auto found = read_answers(run.answers.front(), *truth_, plan_.data);
  if (!found.ok()) return miss("", found.error().message);
  truth_->data.candidate = *std::move(found);
  has_answers_ = true;
  if (plan_.gates.behaviour && !measured_.missing.contains("behaviour")) judge_behaviour(run);
}

void Evaluation::take_live_answers(const ports::GateRun& run) {
  if (!truth_ || run.answers.empty()) return;
  if (auto found = read_answers(run.answers.front(), *truth_, plan_.data); found.ok()) {
    truth_->data.live = *std::move(found);
  }
}

std::vector<double> Evaluation::values_of(const gate::Predicted& answers) const {
  return answer_values(answers, truth_->data, truth_->data.candidate.classes);
}

gate::BehaviourResult Evaluation::judged(const Tested& tested, const std::vector<double>& changed) const {
  const ports::BehaviourTest& test = *tested.test;
  const std::vector<double> before = values_of(truth_->data.candidate);
  gate::BehaviourResult result{.name = test.name, .kind = test.kind, .first_failure = {}};
  for (const std::uint32_t row : tested.rows) {
    const double move = changed[row] - before[row];
    bool fits = false;
    switch (test.kind) {
      case gate::BehaviourKind::MinimumFunctionality: {
        const bool is_class = plan_.data.task == gate::Task::Classification;
        fits = is_class ? truth_->classes[truth_->data.candidate.classes[row]] == test.expect
                        : std::abs(before[row] - std::strtod(test.expect.c_str(), nullptr)) <= test.tolerance;
        break;
      }
      case gate::BehaviourKind::Invariance:
        fits = std::abs(move) <= test.tolerance;
        break;
      case gate::BehaviourKind::Directional:
        fits = test.direction == ports::Direction::Rises ? move >= -test.tolerance : move <= test.tolerance;
        break;
    }
    ++result.cases;
    if (fits) continue;
    if (result.failures++ == 0) {
      result.first_failure = "row " + std::to_string(row + 1) + ": answered " + shown(before[row]);
      result.first_failure +=
          test.changes.empty() ? ", expected " + test.expect : ", and " + shown(changed[row]) + " after the change";
    }
  }
  return result;
}

void Evaluation::judge_behaviour(const ports::GateRun& run) {
  gate::BehaviourMeasurement all;
  for (const Tested& tested : behaviour_) {
    if (run.answers.size() <= tested.set) return miss("behaviour", tested.test->name + ": " + run.ended_early);
    auto answers = read_answers(run.answers[tested.set], *truth_, plan_.data);
    if (!answers.ok()) return miss("behaviour", tested.test->name + ": " + answers.error().message);
    all.tests.push_back(judged(tested, values_of(*answers)));
  }
  measured_.behaviour = std::move(all);
}

void Evaluation::judge_cases(const ports::GateRun& run) {
  if (run.answers.size() <= case_set_) return miss("regression", "no answers: " + run.ended_early);
  const auto answers = read_answers(run.answers[case_set_], *case_truth_, plan_.data);
  if (!answers.ok()) return miss("regression", answers.error().message);
  gate::RegressionMeasurement all;
  const gate::HoldOut& truth = case_truth_->data;
  for (std::size_t row = 0; row < truth.rows(); ++row) {
    gate::CaseResult one{.name = "case " + std::to_string(row + 1), .largest_difference = {}, .detail = {}};
    if (truth.task == gate::Task::Classification) {
      one.matches = answers->classes[row] == truth.truth_classes[row];
      if (!one.matches) {
        one.detail = "expected " + case_truth_->classes[truth.truth_classes[row]] + ", found " +
                     case_truth_->classes[answers->classes[row]];
      }
    } else {
      const double difference = std::abs(answers->values[row] - truth.truth_values[row]);
      one.largest_difference = difference;
      one.matches = difference <= 1e-5 + 1e-4 * std::abs(truth.truth_values[row]);
      if (!one.matches) {
        one.detail = "expected " + shown(truth.truth_values[row]) + ", found " + shown(answers->values[row]);
      }
    }
    all.cases.push_back(std::move(one));
  }
  measured_.regression = std::move(all);
}

void Evaluation::take_robustness(const ports::RobustnessTest& test, const ports::GateRun& run) {
  gate::RobustnessResult result{
      .name = test.name, .kind = test.kind, .cases = truth_->data.rows(), .first_failure = {}};
  const auto keep = [&] {
    if (!measured_.robustness) measured_.robustness.emplace();
    measured_.robustness->tests.push_back(std::move(result));
  };
  if (run.answers.empty()) {
    if (!run.crashed) return miss("robustness", test.name + ": " + run.ended_early);
    result.crashes = 1;
    result.first_failure = run.ended_early;
    return keep();
  }
  if (!run.answers.front().refused.empty()) {
    result.refused = result.cases;
    result.first_failure = run.answers.front().refused;
    return keep();
  }
  const auto answers = read_answers(run.answers.front(), *truth_, plan_.data);
  if (!answers.ok()) return miss("robustness", test.name + ": " + answers.error().message);
  const std::vector<double> before = values_of(truth_->data.candidate);
  const std::vector<double> after = values_of(*answers);
  for (std::size_t row = 0; row < before.size(); ++row) {
    const double move = std::abs(after[row] - before[row]);
    const bool lost = !std::isfinite(after[row]) && std::isfinite(before[row]);
    result.not_finite += lost;
    if (!lost) result.largest_change = std::max(result.largest_change, move);
    result.beyond_bound += !lost && move > test.bound;
    if ((lost || move > test.bound) && result.first_failure.empty()) {
      result.first_failure =
          "row " + std::to_string(row + 1) + ": " + shown(before[row]) + " became " + shown(after[row]);
    }
  }
  keep();
}

std::vector<gate::Slice> Evaluation::slices() const {
  std::vector<gate::Slice> all;
  for (const std::string& name : plan_.slices_by) {
    const ports::TableColumn* column = find_column(*inputs_.data, name);
    if (column == nullptr) return {};
    for (auto& [value, rows] : groups_of(*column)) all.push_back({name + "=" + printable(value, 60), std::move(rows)});
  }
  return all;
}

void Evaluation::count_fairness() {
  const gate::HoldOut& data = truth_->data;
  if (data.task != gate::Task::Classification || data.classes != 2) {
    return miss("fairness", "expected a classification into two classes, of which the second is the positive one");
  }
  for (const std::string& name : plan_.fairness_by) {
    const ports::TableColumn* column = find_column(*inputs_.data, name);
    if (column == nullptr) return miss("fairness", "expected a column \"" + printable(name, 60) + "\", found none");
    gate::FairnessMeasurement attribute;
    for (const auto& [value, rows] : groups_of(*column)) {
      gate::FairnessGroup group{.name = name + "=" + printable(value, 60), .rows = rows.size()};
      for (const std::uint32_t row : rows) {
        const bool is_positive = data.truth_classes[row] == 1;
        const bool said_positive = data.candidate.classes[row] == 1;
        group.predicted_positive += said_positive;
        group.positives += is_positive;
        group.negatives += !is_positive;
        group.true_positives += is_positive && said_positive;
        group.false_positives += !is_positive && said_positive;
      }
      attribute.groups.push_back(std::move(group));
    }
    if (attribute.groups.empty()) {
      measured_.fairness.clear();
      return miss("fairness", "column \"" + printable(name, 60) + "\": expected at most " +
                                  std::to_string(kMostGroups) + " groups, found more");
    }
    measured_.fairness.push_back(std::move(attribute));
  }
}

void Evaluation::finish() {
  if (!has_answers_) return;
  gate::HoldOut& data = truth_->data;
  data.has_live = inputs_.live.has_value();
  if (plan_.gates.quality) measured_.quality = gate::QualityMeasurement{data};
  if (plan_.gates.slices) {
    auto found = slices();
    if (found.empty()) {
      miss("slices", "expected columns of at most " + std::to_string(kMostGroups) +
                         " values, found a column that is not "
                         "there or has more");
    } else {
      measured_.slices = gate::SlicesMeasurement{data, std::move(found)};
    }
  }
  if (plan_.gates.fairness) count_fairness();
  if (!plan_.gates.calibration) return;
  if (data.task != gate::Task::Classification || data.classes != 2 || data.candidate.probabilities.empty()) {
    return miss("calibration", "expected probabilities of two classes, found none");
  }
  gate::CalibrationMeasurement calibration;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    calibration.probabilities.push_back(data.candidate.probabilities[row * 2 + 1]);
    calibration.outcomes.push_back(data.truth_classes[row] == 1);
  }
  measured_.calibration = std::move(calibration);
}

}  // namespace slipway::validation
