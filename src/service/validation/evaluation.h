// Evaluation: the runs over rows that a plan asks for, and what the gates measure of their answers.
#pragma once

#include <optional>

#include "service/validation/disturbed_rows.h"
#include "service/validation/evaluation_rows.h"
#include "service/validation/gate_suite.h"
#include "service/validation/hold_out_rows.h"

namespace slipway::validation {

// Made for one run of the suite; one thread. Rows are prepared first, then run by the caller in the order of sets(),
// then judged from the answers. What cannot be prepared or answered goes into `missing`, by gate.
class Evaluation {
 public:
  Evaluation(const ports::GatePlan& plan, const GateInputs& inputs, gate::Measurements& measured);

  // The hold-out rows, the behavioural tests' rows, the regression cases; borrowed from here.
  const std::vector<ports::RowSet>& sets() const { return sets_; }
  bool has_hold_out() const { return truth_.has_value(); }
  bool has_answers() const { return has_answers_; }
  const ports::RowSet& hold_out() const { return sets_.front(); }
  // One test's rows; nullopt: it cannot be done, and `missing` says why.
  std::optional<EvaluationRows> robustness_rows(const ports::RobustnessTest& test);

  void take_answers(const ports::GateRun& run);
  void take_live_answers(const ports::GateRun& run);
  void take_robustness(const ports::RobustnessTest& test, const ports::GateRun& run);
  // After all answers: quality, slices, fairness, calibration.
  void finish();

 private:
  struct Tested {
    const ports::BehaviourTest* test;
    std::vector<std::uint32_t> rows;
    std::size_t set;  // its changed rows; 0: the hold-out rows themselves
  };
  void miss(std::string_view gate, const std::string& why);
  bool asks_answers() const;
  void prepare_behaviour();
  void prepare_cases();
  void judge_behaviour(const ports::GateRun& run);
  void judge_cases(const ports::GateRun& run);
  gate::BehaviourResult judged(const Tested& tested, const std::vector<double>& changed) const;
  std::vector<gate::Slice> slices() const;
  void count_fairness();
  std::vector<double> values_of(const gate::Predicted& answers) const;
  std::size_t add_set(std::string name, EvaluationRows rows);

  const ports::GatePlan& plan_;
  const GateInputs& inputs_;
  gate::Measurements& measured_;
  std::optional<tensor::RowPlan> rows_;
  std::optional<Truth> truth_;
  std::optional<Truth> case_truth_;
  std::size_t case_set_ = 0;
  std::vector<EvaluationRows> held_;  // what sets_ borrow
  std::vector<ports::RowSet> sets_;
  std::vector<Tested> behaviour_;
  bool has_answers_ = false;
};

}  // namespace slipway::validation
