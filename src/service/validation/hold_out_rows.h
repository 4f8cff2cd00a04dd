// Hold-out rows: the truth of a table and a model's answers, as the gates compare them.
#pragma once

#include "ports/gate_plan.h"
#include "ports/gate_probe.h"
#include "ports/table_reader.h"

namespace slipway::validation {

// The truth alone; `classes` are those it is counted in, in order.
struct Truth {
  gate::HoldOut data;  // without answers
  std::vector<std::string> classes;
};

// The label column as the plan's task reads it. InvalidInput: the column is not there, has gaps or texts that are no
// class, or holds one class only.
Result<Truth> read_truth(const ports::Table& table, const ports::EvaluationRules& rules,
                         const tensor::Signature& signature);

// A model's outputs as answers for `truth`. InvalidInput: no output fits the task.
Result<gate::Predicted> read_answers(const ports::RowAnswers& answers, const Truth& truth,
                                     const ports::EvaluationRules& rules);

// One number per row that says how the model answered: the value, the probability of class 1 of two, of many that of
// the class `of_classes` names for the row; without probabilities the class.
std::vector<double> answer_values(const gate::Predicted& answers, const gate::HoldOut& data,
                                  const std::vector<std::uint32_t>& of_classes);

}  // namespace slipway::validation
