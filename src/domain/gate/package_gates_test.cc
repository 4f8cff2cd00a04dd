// The gates that look at the package and at single runs: interface, load, golden, regression, determinism, memory,
// model card, licence, signing, size.
#include <gtest/gtest.h>

#include <vector>

#include "domain/gate/gates.h"

namespace slipway::gate {
namespace {

using enum Outcome;
using namespace std::chrono_literals;

tensor::TensorSpec tensor_of(std::string name, std::vector<std::int64_t> shape) {
  tensor::TensorSpec spec;
  spec.name = std::move(name);
  spec.shape = tensor::Shape::from(shape).value();
  return spec;
}
tensor::Signature signature() {
  return {{tensor_of("x", {-1, 4})}, {tensor_of("y", {-1, 2})}};
}

struct Change {
  const char* what;
  void (*make)(tensor::Signature&);
  InterfaceChange expected;
};

TEST(Interface, each_change_is_what_its_callers_would_see) {
  using enum InterfaceChange;
  for (const auto& [what, make, expected] : std::vector<Change>{
           {"nothing", [](tensor::Signature&) {}, Compatible},
           {"input gone", [](tensor::Signature& s) { s.inputs.clear(); }, Breaking},
           {"input renamed", [](tensor::Signature& s) { s.inputs[0].name = "z"; }, Breaking},
           {"input retyped", [](tensor::Signature& s) { s.inputs[0].datatype = tensor::DataType::Int64; }, Breaking},
           {"input of another rank", [](tensor::Signature& s) { s.inputs[0].shape = tensor_of("", {-1, 4, 1}).shape; },
            Breaking},
           {"input wider", [](tensor::Signature& s) { s.inputs[0].shape.set(1, 5); }, Breaking},
           {"input of any size", [](tensor::Signature& s) { s.inputs[0].shape.set(1, -1); }, Widened},
           {"batch fixed", [](tensor::Signature& s) { s.inputs[0].shape.set(0, 1); }, Breaking},
           {"input optional", [](tensor::Signature& s) { s.inputs[0].optional = true; }, Widened},
           {"new required input", [](tensor::Signature& s) { s.inputs.push_back(tensor_of("z", {-1})); }, Breaking},
           {"new optional input",
            [](tensor::Signature& s) {
              s.inputs.push_back(tensor_of("z", {-1}));
              s.inputs.back().optional = true;
            },
            Widened},
           {"output gone", [](tensor::Signature& s) { s.outputs.clear(); }, Breaking},
           {"new output", [](tensor::Signature& s) { s.outputs.push_back(tensor_of("z", {-1})); }, Widened},
           {"output wider", [](tensor::Signature& s) { s.outputs[0].shape.set(1, 3); }, Breaking},
           {"output of any size", [](tensor::Signature& s) { s.outputs[0].shape.set(1, -1); }, Breaking},
           {"output batch fixed", [](tensor::Signature& s) { s.outputs[0].shape.set(0, 1); }, Compatible},
           {"output retyped", [](tensor::Signature& s) { s.outputs[0].datatype = tensor::DataType::FP64; }, Breaking},
       }) {
    tensor::Signature candidate = signature();
    make(candidate);
    std::vector<Evidence> differences;
    EXPECT_EQ(compare_interfaces(signature(), candidate, differences), expected) << what;
    EXPECT_EQ(differences.empty(), expected == Compatible) << what;
  }
}

TEST(Interface, features_in_another_order_and_other_labels_are_breaking) {
  tensor::Signature live = signature();
  live.inputs[0].features = {"a", "b", "c", "d"};
  live.outputs[0].labels = {"no", "yes"};
  tensor::Signature swapped = live, relabelled = live, unnamed = live;
  std::swap(swapped.inputs[0].features[0], swapped.inputs[0].features[1]);
  std::swap(relabelled.outputs[0].labels[0], relabelled.outputs[0].labels[1]);
  unnamed.inputs[0].features.clear();
  std::vector<Evidence> differences;
  EXPECT_EQ(compare_interfaces(live, swapped, differences), InterfaceChange::Breaking);
  EXPECT_EQ(compare_interfaces(live, relabelled, differences), InterfaceChange::Breaking);
  EXPECT_EQ(compare_interfaces(live, unnamed, differences), InterfaceChange::Compatible);
}

TEST(Interface, the_policy_says_how_much_change_passes) {
  tensor::Signature widened = signature(), broken = signature();
  widened.inputs[0].shape.set(1, -1);
  broken.inputs[0].shape.set(1, 5);
  const auto judged = [](InterfaceChange allowed, const tensor::Signature& candidate) {
    return judge_interface({allowed}, {candidate, candidate, signature()}).outcome;
  };
  using enum InterfaceChange;
  EXPECT_EQ(judged(Compatible, signature()), Pass);
  EXPECT_EQ(judged(Compatible, widened), Fail);
  EXPECT_EQ(judged(Widened, widened), Pass);
  EXPECT_EQ(judged(Widened, broken), Fail);
  EXPECT_EQ(judged(Breaking, broken), Pass);
}

TEST(Interface, the_first_version_is_held_against_its_manifest_only) {
  tensor::Signature other = signature();
  other.inputs[0].name = "z";
  EXPECT_EQ(judge_interface({}, {signature(), signature(), {}}).outcome, Pass);
  EXPECT_EQ(judge_interface({}, {other, signature(), {}}).outcome, Fail);
}

TEST(Load, only_what_the_model_did_by_itself_fails_it) {
  struct Row {
    LoadEnd end;
    std::uint32_t attempts;
    Outcome outcome;
  };
  for (const auto& [end, attempts, outcome] : std::vector<Row>{{LoadEnd::Loaded, 1, Pass},
                                                               {LoadEnd::Refused, 1, Fail},
                                                               {LoadEnd::OutOfMemory, 1, Fail},
                                                               {LoadEnd::Crashed, 1, Inconclusive},
                                                               {LoadEnd::Crashed, 2, Fail},
                                                               {LoadEnd::TimedOut, 3, Inconclusive},
                                                               {LoadEnd::Stopped, 1, Inconclusive}}) {
    const LoadMeasurement measured{.end = end, .detail = "signal 11", .attempts = attempts, .warmup_runs = 1};
    const Verdict verdict = judge_load({}, measured);
    EXPECT_EQ(verdict.outcome, outcome) << static_cast<int>(end) << ": " << verdict.reason;
    EXPECT_FALSE(verdict.reason.empty());
  }
}

TEST(Load, the_longest_time_is_allowed_and_no_warm_up_is_not_enough) {
  const auto loaded = [](Duration took, std::uint32_t runs) {
    return judge_load({.longest_load = 2s}, {.end = LoadEnd::Loaded, .load_time = took, .warmup_runs = runs}).outcome;
  };
  EXPECT_EQ(loaded(2s, 1), Pass);
  EXPECT_EQ(loaded(2s + 1ns, 1), Fail);
  EXPECT_EQ(loaded(1s, 0), Inconclusive);
}

TEST(Golden, every_example_has_to_be_reproduced_and_enough_of_them_be_there) {
  const CaseResult right{.name = "a", .matches = true}, wrong{.name = "b", .detail = "expected 1, found 2"};
  EXPECT_EQ(judge_golden({}, {{right}}).outcome, Pass);
  EXPECT_EQ(judge_golden({}, {{right, wrong}}).outcome, Fail);
  EXPECT_NE(judge_golden({}, {{right, wrong}}).reason.find("expected 1, found 2"), std::string::npos);
  EXPECT_EQ(judge_golden({}, {}).outcome, Inconclusive);
  EXPECT_EQ(judge_golden({.least_cases = 2}, {{right}}).outcome, Inconclusive);
  EXPECT_EQ(judge_golden({.least_cases = 0}, {}).outcome, Pass);
}

TEST(Regression, a_case_that_fails_again_fails_the_version) {
  EXPECT_EQ(judge_regression({}, {}).outcome, Pass);
  EXPECT_EQ(judge_regression({}, {{{.name = "a", .matches = true}}}).outcome, Pass);
  EXPECT_EQ(judge_regression({}, {{{.name = "a", .matches = true}, {.name = "issue 7"}}}).outcome, Fail);
}

TEST(Determinism, one_differing_row_fails_and_too_few_leave_it_open) {
  const Comparison alike{.compared = 10}, differing{.compared = 10, .differing = 1, .largest_difference = 0.5},
      few{.compared = 4};
  EXPECT_EQ(judge_determinism({}, {alike, alike}).outcome, Pass);
  EXPECT_EQ(judge_determinism({}, {alike, std::nullopt}).outcome, Pass);
  EXPECT_EQ(judge_determinism({}, {differing, alike}).outcome, Fail);
  EXPECT_EQ(judge_determinism({}, {alike, differing}).outcome, Fail);
  EXPECT_EQ(judge_determinism({.least_rows = 4}, {few, few}).outcome, Pass);
  EXPECT_EQ(judge_determinism({.least_rows = 5}, {alike, few}).outcome, Inconclusive);
}

TEST(Memory, is_held_against_the_limit_and_the_live_version) {
  const MemoryPolicy policy{.most = mebibytes(100), .ratio_to_live = 2.0};
  const auto judged = [&](Bytes peak, std::optional<Bytes> live, bool has_live) {
    return judge_memory(policy, {peak, live, has_live}).outcome;
  };
  EXPECT_EQ(judged(mebibytes(100), mebibytes(50), true), Pass);
  EXPECT_EQ(judged({mebibytes(100).count + 1}, mebibytes(60), true), Fail);
  EXPECT_EQ(judged(mebibytes(99), mebibytes(49), true), Fail);
  EXPECT_EQ(judged(mebibytes(99), std::nullopt, true), Inconclusive);
  EXPECT_EQ(judged(mebibytes(99), std::nullopt, false), Pass);
  EXPECT_EQ(judge_memory({}, {}).outcome, Inconclusive);
}

TEST(ModelCard, required_fields_have_to_say_something) {
  const ModelCardPolicy policy{{"owner", "intended use"}};
  const auto judged = [&](std::map<std::string, std::string> fields) {
    return judge_model_card(policy, {std::move(fields)}).outcome;
  };
  EXPECT_EQ(judged({{"owner", "ml team"}, {"intended use", "screening"}}), Pass);
  EXPECT_EQ(judged({{"Owner:", "ml team"}, {"Intended Use", "screening"}}), Pass);
  EXPECT_EQ(judged({{"owner", "ml team"}}), Fail);
  EXPECT_EQ(judged({{"owner", "ml team"}, {"intended use", " - "}}), Fail);
  EXPECT_EQ(judged({{"owner", "TODO."}, {"intended use", "screening"}}), Fail);
  EXPECT_EQ(judge_model_card({{}}, {}).outcome, Pass);
}

TEST(Licence, an_expression_passes_if_it_can_be_met_from_the_list) {
  const LicencePolicy policy{{"MIT", "Apache-2.0"}};
  struct Row {
    const char* expression;
    Outcome outcome;
  };
  for (const auto& [expression, outcome] : std::vector<Row>{{"MIT", Pass},
                                                            {"mit", Pass},
                                                            {"GPL-3.0-only", Fail},
                                                            {"GPL-3.0-only OR MIT", Pass},
                                                            {"GPL-3.0-only AND MIT", Fail},
                                                            {"MIT AND (GPL-2.0-only OR Apache-2.0)", Pass},
                                                            {"MIT OR GPL-2.0-only AND GPL-3.0-only", Pass},
                                                            {"Apache-2.0 WITH LLVM-exception", Pass},
                                                            {"GPL-2.0-only WITH Classpath-exception-2.0", Fail},
                                                            {"", Fail},
                                                            {"  ", Fail},
                                                            {"NONE", Fail},
                                                            {"NOASSERTION", Fail},
                                                            {"MIT OR", Fail},
                                                            {"MIT MIT", Fail},
                                                            {"(MIT", Fail},
                                                            {"MIT)", Fail},
                                                            {"OR", Fail},
                                                            {"MIT/Apache-2.0", Fail}}) {
    EXPECT_EQ(judge_licence(policy, {expression}).outcome, outcome) << expression;
  }
  std::string nested;
  for (int i = 0; i < 1'000; ++i) nested += '(';
  nested += "MIT";
  for (int i = 0; i < 1'000; ++i) nested += ')';
  EXPECT_EQ(judge_licence(policy, {nested}).outcome, Fail);
  EXPECT_EQ(judge_licence(policy, {std::string(5'000, 'A')}).outcome, Fail);
}

TEST(Signing, a_signature_that_does_not_fit_fails_under_any_policy) {
  struct Row {
    SigningState state;
    Outcome warned, required;
  };
  for (const auto& [state, warned, required] : std::vector<Row>{{SigningState::Valid, Pass, Pass},
                                                                {SigningState::Unsigned, Pass, Fail},
                                                                {SigningState::UnknownKey, Pass, Fail},
                                                                {SigningState::Unverifiable, Pass, Fail},
                                                                {SigningState::RevokedKey, Pass, Fail},
                                                                {SigningState::Invalid, Fail, Fail}}) {
    EXPECT_EQ(judge_signing({Signing::Warn}, {state, "k", "why", 1}).outcome, warned);
    EXPECT_EQ(judge_signing({Signing::Require}, {state, "k", "why", 1}).outcome, required);
  }
  EXPECT_NE(judge_signing({}, {}).reason.find("warning"), std::string::npos);
}

TEST(Size, the_limit_itself_is_allowed) {
  const SizePolicy policy{.most = mebibytes(1), .most_files = 2};
  EXPECT_EQ(judge_size(policy, {mebibytes(1), 2, mebibytes(1)}).outcome, Pass);
  EXPECT_EQ(judge_size(policy, {{mebibytes(1).count + 1}, 2, {}}).outcome, Fail);
  EXPECT_EQ(judge_size(policy, {mebibytes(1), 3, {}}).outcome, Fail);
}

TEST(Schema, columns_have_to_be_there_and_fit) {
  const auto judged = [](const SchemaPolicy& policy, ColumnFacts column) {
    column.name = "age";
    return judge_schema(policy, {.rows = 100, .columns = {column}}).outcome;
  };
  EXPECT_EQ(judged({}, {}), Pass);
  EXPECT_EQ(judged({}, {.type_fits = false}), Fail);
  EXPECT_EQ(judged({.most_missing = 0.05}, {.missing = 5}), Pass);
  EXPECT_EQ(judged({.most_missing = 0.05}, {.missing = 6}), Fail);
  EXPECT_EQ(judged({}, {.out_of_range = 1}), Fail);
  EXPECT_EQ(judged({}, {.unseen = 1}), Fail);
  EXPECT_EQ(judge_schema({}, {.rows = 5, .absent = {"age"}}).outcome, Fail);
  EXPECT_EQ(judge_schema({}, {.rows = 0, .columns = {{}}}).outcome, Inconclusive);
  EXPECT_EQ(judge_schema({.least_rows = 10}, {.rows = 9, .columns = {{}}}).outcome, Inconclusive);
  EXPECT_EQ(judge_schema({}, {.rows = 5, .columns = {{}}, .unknown = {"note"}}).outcome, Pass);
  EXPECT_EQ(judge_schema({.unknown_columns_allowed = false}, {.rows = 5, .columns = {{}}, .unknown = {"note"}}).outcome,
            Fail);
}

}  // namespace
}  // namespace slipway::gate
