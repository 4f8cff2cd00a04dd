#include "service/validation/measurement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "service/validation/comparison.h"

namespace slipway::validation {
namespace {

using Verdict = ports::ProbeOutcome::Verdict;
using tensor::DataType;
using tensor::Tensor;

Tensor floats(std::string name, tensor::Shape shape, const std::vector<float>& values) {
  Tensor made{std::move(name), DataType::FP32, shape, std::vector<std::byte>(values.size() * 4)};
  std::memcpy(made.data.data(), values.data(), made.data.size());
  return made;
}

// A model y[n,1] = f(x[n,1], all rows), so that a test decides how rows influence each other.
class FunctionModel final : public ports::LoadedModel {
 public:
  using Function = std::function<float(float x, const std::vector<float>& all)>;
  FunctionModel(Function function, std::function<bool(float)> refuses_, Error refusal_)
      : refuses(std::move(refuses_)), refusal(std::move(refusal_)), function_(std::move(function)) {
    signature_.inputs = {{.name = "x", .shape = {-1, 1}}};
    signature_.outputs = {{.name = "y", .shape = {-1, 1}}};
  }
  const tensor::Signature& signature() const override { return signature_; }
  Result<void> execute(ports::Batch& batch) override {
    std::vector<float> in(batch.inputs[0].data.size() / 4);
    std::memcpy(in.data(), batch.inputs[0].data.data(), in.size() * 4);
    if (refuses && std::ranges::any_of(in, refuses)) return refusal;
    out_.clear();
    for (const float x : in) out_.push_back(function_(x, in));
    batch.outputs = {{"y", DataType::FP32, batch.inputs[0].shape, std::as_bytes(std::span(out_))}};
    return {};
  }
  const std::function<bool(float)> refuses;
  const Error refusal;

 private:
  Function function_;
  tensor::Signature signature_;
  std::vector<float> out_;
};

class FunctionBackend final : public ports::Backend {
 public:
  explicit FunctionBackend(FunctionModel::Function function) : function_(std::move(function)) {}
  std::string_view name() const override { return "function"; }
  std::string_view version() const override { return "1"; }
  std::string_view platform() const override { return "function"; }
  Result<std::shared_ptr<ports::LoadedModel>> load(const ports::LoadRequest&) override {
    if (failure) return *failure;
    return std::shared_ptr<ports::LoadedModel>(std::make_shared<FunctionModel>(function_, refuses, refusal));
  }
  std::optional<Error> failure;
  std::function<bool(float)> refuses;  // values that make an execution fail
  Error refusal = invalid_input("a value the model does not know");

 private:
  FunctionModel::Function function_;
};

class MeasurementTest : public testing::Test {
 protected:
  SystemClock clock_;
  Bytes resident_{mebibytes(10)};
  Candidate candidate_;
  FunctionBackend doubling_{[](float x, const auto&) { return 2 * x; }};

  MeasurementTest() {
    candidate_.manifest.format = "function";
    candidate_.manifest.signature.inputs = {{.name = "x", .shape = {-1, 1}}};
    candidate_.manifest.signature.outputs = {{.name = "y", .shape = {-1, 1}}};
  }
  ports::ProbeOutcome measured(ports::Backend& backend) {
    return measure(candidate_, backend, {clock_, [this] { return resident_; }});
  }
  void add_golden(float x, float y) {
    candidate_.manifest.golden.push_back({{floats("x", {1, 1}, {x})}, {floats("y", {1, 1}, {y})}, 1e-5});
  }
};

TEST_F(MeasurementTest, a_good_model_passes_with_its_cost_measured) {
  add_golden(3, 6);
  const auto outcome = measured(doubling_);
  ASSERT_EQ(outcome.verdict, Verdict::Passed) << outcome.reason;
  EXPECT_TRUE(outcome.measured.row_independent);
  EXPECT_EQ(outcome.measured.golden_checked, 1u);
  EXPECT_GT(outcome.measured.cost.fixed + outcome.measured.cost.per_row, Duration(0));
}

TEST_F(MeasurementTest, a_wrong_golden_answer_fails_and_names_the_element) {
  add_golden(3, 7);
  const auto outcome = measured(doubling_);
  EXPECT_EQ(outcome.verdict, Verdict::Failed);
  EXPECT_EQ(outcome.reason, "golden example 1: output \"y\", element 0: expected 7, found 6");
}

TEST_F(MeasurementTest, rows_that_see_their_neighbours_are_not_independent) {
  FunctionBackend centering([](float x, const std::vector<float>& all) {
    float sum = 0;
    for (const float other : all) sum += other;
    return x - sum / static_cast<float>(all.size());
  });
  const auto outcome = measured(centering);
  EXPECT_EQ(outcome.verdict, Verdict::Passed) << outcome.reason;
  EXPECT_FALSE(outcome.measured.row_independent);
}

TEST_F(MeasurementTest, rows_are_not_merged_when_the_manifest_says_so) {
  candidate_.manifest.batching.enabled = false;
  EXPECT_FALSE(measured(doubling_).measured.row_independent);
}

TEST_F(MeasurementTest, a_signature_the_file_does_not_have_fails) {
  candidate_.manifest.signature.inputs[0].datatype = DataType::Int64;
  const auto outcome = measured(doubling_);
  EXPECT_EQ(outcome.verdict, Verdict::Failed);
  EXPECT_NE(outcome.reason.find("the package says INT64, the engine FP32"), std::string::npos) << outcome.reason;
}

TEST_F(MeasurementTest, a_missing_engine_rejects_nothing) {
  doubling_.failure = unavailable("the plugin is not there");
  EXPECT_EQ(measured(doubling_).verdict, Verdict::Inconclusive);
}

TEST_F(MeasurementTest, only_what_is_the_models_fault_rejects_it) {
  const std::pair<Error, Verdict> rows[] = {
      {invalid_input("not a model"), Verdict::Failed},     {corrupt("torn"), Verdict::Failed},
      {internal_error("it broke"), Verdict::Inconclusive}, {overloaded("no memory"), Verdict::Inconclusive},
      {deadline_exceeded("late"), Verdict::Inconclusive},  {not_found("no library"), Verdict::Inconclusive}};
  for (const auto& [failure, verdict] : rows) {
    doubling_.failure = failure;
    EXPECT_EQ(measured(doubling_).verdict, verdict) << failure.message;
  }
}

TEST_F(MeasurementTest, an_engine_that_breaks_on_a_golden_example_fails_the_model) {
  FunctionBackend breaking([](float x, const auto&) { return x; });
  breaking.refuses = [](float x) { return x == 3; };
  breaking.refusal = internal_error("shapes do not match in node 7");
  add_golden(3, 3);
  const auto outcome = measured(breaking);
  EXPECT_EQ(outcome.verdict, Verdict::Failed);
  EXPECT_EQ(outcome.reason, "golden example 1: shapes do not match in node 7");
}

TEST_F(MeasurementTest, a_file_the_engine_refuses_fails) {
  doubling_.failure = invalid_input("not a model");
  EXPECT_EQ(measured(doubling_).verdict, Verdict::Failed);
}

TEST_F(MeasurementTest, a_model_that_runs_no_sample_is_not_known_to_be_good) {
  FunctionBackend picky([](float x, const auto&) { return x; });
  picky.refuses = [](float x) { return x != 3; };
  const auto unknown = measured(picky);
  EXPECT_EQ(unknown.verdict, Verdict::Inconclusive);
  EXPECT_NE(unknown.reason.find("add a golden example"), std::string::npos) << unknown.reason;
  add_golden(3, 3);
  const auto known = measured(picky);
  EXPECT_EQ(known.verdict, Verdict::Passed) << known.reason;
  EXPECT_FALSE(known.measured.row_independent);
}

TEST_F(MeasurementTest, more_memory_than_the_manifest_allows_fails) {
  candidate_.manifest.limits.memory = mebibytes(1);
  int asked = 0;
  const auto outcome = measure(candidate_, doubling_, {clock_, [&] { return mebibytes(asked++ == 0 ? 10 : 20); }});
  EXPECT_EQ(outcome.verdict, Verdict::Failed);
  EXPECT_NE(outcome.reason.find("limits.memory allows 1MiB"), std::string::npos) << outcome.reason;
}

TEST(Comparison, golden_values_are_compared_within_their_tolerance) {
  const Tensor expected = floats("y", {3}, {1, NAN, INFINITY});
  EXPECT_TRUE(compare(expected.view(), floats("y", {3}, {1.00001F, NAN, INFINITY}).view(), {1e-4, 1e-4}).ok());
  EXPECT_FALSE(compare(expected.view(), floats("y", {3}, {1.01F, NAN, INFINITY}).view(), {1e-4, 1e-4}).ok());
  EXPECT_FALSE(compare(expected.view(), floats("y", {3}, {1, 0, INFINITY}).view(), {1e-4, 1e-4}).ok());
  EXPECT_FALSE(compare(expected.view(), floats("y", {3}, {1, NAN, -INFINITY}).view(), {1e-4, 1e-4}).ok());
  EXPECT_FALSE(compare(expected.view(), floats("y", {1, 3}, {1, NAN, INFINITY}).view(), {1e-4, 1e-4}).ok());
}

TEST(Comparison, integers_and_texts_are_compared_exactly) {
  Tensor a{"y", DataType::Bytes, {1}, {}};
  Tensor b = a;
  tensor::append_bytes_element(a.data, "cat");
  tensor::append_bytes_element(b.data, "dog");
  EXPECT_TRUE(compare(a.view(), a.view(), {1, 1}).ok());
  EXPECT_EQ(compare(a.view(), b.view(), {1, 1}).error().message,
            "output \"y\", element 0: expected \"cat\", found \"dog\"");
  const Tensor c{"y", DataType::Int8, {1}, {std::byte{1}}};
  const Tensor d{"y", DataType::Int8, {1}, {std::byte{2}}};
  EXPECT_FALSE(compare(c.view(), d.view(), {10, 10}).ok());
}

}  // namespace
}  // namespace slipway::validation
