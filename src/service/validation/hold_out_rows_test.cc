#include "service/validation/hold_out_rows.h"

#include <gmock/gmock.h>

#include "service/validation/gate_fixture.h"

namespace slipway::validation {
namespace {

using gate::Task;
using testing::ElementsAre;
using testing::HasSubstr;

const tensor::Signature kSignature = scorer().signature;

std::string refused(const ports::Table& rows, const ports::EvaluationRules& rules = {}) {
  const auto truth = read_truth(rows, rules, kSignature);
  return truth.ok() ? "it was taken" : truth.error().message;
}
tensor::Tensor floats(const std::string& name, tensor::Shape shape, const std::vector<float>& values) {
  tensor::Tensor made{name, tensor::DataType::FP32, shape, std::vector<std::byte>(values.size() * sizeof(float))};
  std::memcpy(made.data.data(), values.data(), made.data.size());
  return made;
}
ports::RowAnswers answers(tensor::Tensor output) {
  ports::RowAnswers found;
  found.outputs.push_back(std::move(output));
  return found;
}
Truth truth_of(std::vector<double> labels) {
  return read_truth(table({numbers("label", std::move(labels))}), {}, kSignature).value();
}

TEST(HoldOutRows, labels_are_classes_in_their_order) {
  const auto truth = read_truth(table({texts("label", {"red", "blue", "red"})}), {}, kSignature);
  ASSERT_TRUE(truth.ok()) << truth.error().message;
  EXPECT_THAT(truth->classes, ElementsAre("blue", "red"));
  EXPECT_THAT(truth->data.truth_classes, ElementsAre(1U, 0U, 1U));
  EXPECT_THAT(truth_of({10, 9, 10}).classes, ElementsAre("9", "10"));  // as numbers, not as texts
}

TEST(HoldOutRows, the_plans_classes_come_before_an_outputs_labels) {
  tensor::Signature labelled = kSignature;
  labelled.outputs[0].labels = {"no", "yes"};
  const auto rows = table({texts("label", {"yes", "no"})});
  EXPECT_THAT(read_truth(rows, {}, labelled)->classes, ElementsAre("no", "yes"));
  ports::EvaluationRules rules;
  rules.classes = {"yes", "no"};
  EXPECT_THAT(read_truth(rows, rules, labelled)->classes, ElementsAre("yes", "no"));
}

TEST(HoldOutRows, truth_that_cannot_be_used_is_told_with_its_row) {
  ports::EvaluationRules regression, named;
  regression.task = Task::Regression;
  named.classes = {"a", "b"};
  EXPECT_THAT(refused(table({numbers("y", {1})})), HasSubstr("expected a column \"label\" with the truth, found none"));
  EXPECT_THAT(refused(table({numbers("label", {1, kMissing})})),
              HasSubstr("row 2: expected the truth, found no value"));
  EXPECT_THAT(refused(table({numbers("label", {1, 1, 1})})),
              HasSubstr("expected at least two classes, found only \"1\""));
  EXPECT_THAT(refused(table({texts("label", {"a", "c"})}), named),
              HasSubstr("row 2: expected one of the classes, found \"c\""));
  EXPECT_THAT(refused(table({texts("label", {"a", "b"})}), regression), HasSubstr("expected numbers, found texts"));
  std::vector<double> many(5000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i);
  EXPECT_THAT(refused(table({numbers("label", many)})), HasSubstr("is it a regression?"));
}

TEST(HoldOutRows, one_probability_of_two_classes_is_that_of_the_second) {
  const auto found = read_answers(answers(floats("p", {2, 1}, {0.25F, 0.75F})), truth_of({0, 1}), {});
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->probabilities, ElementsAre(0.75, 0.25, 0.25, 0.75));
  EXPECT_THAT(found->classes, ElementsAre(0U, 1U));
}

TEST(HoldOutRows, what_the_model_refused_or_does_not_answer_is_told) {
  ports::RowAnswers refusal;
  refusal.refused = "rows 1 to 2: no";
  EXPECT_THAT(read_answers(refusal, truth_of({0, 1}), {}).error().message, HasSubstr("the model refused: rows 1 to 2"));
  EXPECT_THAT(read_answers(answers(floats("p", {3, 1}, {1, 2, 3})), truth_of({0, 1}), {}).error().message,
              HasSubstr("expected an output with a class or 2 probabilities per row, found none"));
  ports::EvaluationRules rules;
  rules.output = "q";
  EXPECT_FALSE(read_answers(answers(floats("p", {2, 1}, {0, 1})), truth_of({0, 1}), rules).ok());
}

TEST(HoldOutRows, a_regression_takes_the_output_of_one_number_per_row) {
  ports::EvaluationRules rules;
  rules.task = Task::Regression;
  const auto truth = read_truth(table({numbers("label", {3, 4})}), rules, kSignature);
  const auto found = read_answers(answers(floats("p", {2}, {2.5F, 4.5F})), *truth, rules);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(found->values, ElementsAre(2.5, 4.5));
  EXPECT_EQ(answer_values(*found, truth->data, {}), found->values);
}

}  // namespace
}  // namespace slipway::validation
