#include "service/validation/planned_gates.h"

#include <gmock/gmock.h>

#include "adapter/store_memory/memory_artifacts.h"
#include "service/validation/gate_fixture.h"

namespace slipway::validation {
namespace {

using model::Verdict;
using testing::HasSubstr;

// "scorer" has the plan it was given, "wrong" one that cannot be read, others none.
class ScriptedPlans final : public ports::GatePlanReader {
 public:
  Result<ports::GatePlan> read(std::string_view, std::string_view name, std::string_view model) override {
    if (model == "scorer") return plan;
    if (model == "wrong") return invalid_input(std::string(name) + ":3:1: wrong");
    return not_found("no plan");
  }
  ports::GatePlan plan;
};

class ScriptedPackages final : public ports::PackageReader {
 public:
  Result<ports::OpenedPackage> open(const std::string&, std::string_view, ports::ArtifactShelf&) override {
    return unimplemented("not asked for");
  }
  Result<ports::OpenedPackage> adopt(std::vector<model::PackageFile>, ports::ArtifactShelf&) override {
    return unimplemented("not asked for");
  }
  Result<model::Manifest> read_manifest(std::string_view) override { return scorer(); }
};

class PlannedGatesTest : public ::testing::Test {
 protected:
  ports::GateFindings run(const std::string& name = "scorer") {
    model::Manifest manifest = scorer();
    manifest.name = name;
    return gates.run(version_of(manifest), nullptr, [](std::string_view) {});
  }
  static model::ModelName name(std::string_view text) { return model::ModelName::parse(text).value(); }

  ScriptedPlans plans;
  FunctionProbe probe{[](float x) { return x; }};
  store_memory::MemoryArtifacts artifacts;
  ScriptedPackages packages;
  std::size_t body_size = 10;
  std::size_t rows_written = 0;
  PlannedGates gates{{plans, probe, artifacts, packages,
                      [this](const PlannedGates::Report& report) {
                        rows_written = 0;
                        for (const auto& one : report.result.verdicts) rows_written += one.verdict.evidence.size();
                        return std::string(std::exchange(body_size, 10), 'x');
                      },
                      [](const Digest&) -> Result<ports::Table> {
                        return table({numbers("x", {0.1, 0.9}), numbers("label", {0, 1})});
                      }},
                     {"gates.yaml", "text"}};
};

TEST_F(PlannedGatesTest, a_model_has_a_plan_or_none_and_one_that_is_wrong_is_one) {
  EXPECT_TRUE(gates.has_plan(name("scorer")));
  EXPECT_TRUE(gates.has_plan(name("wrong")));
  EXPECT_FALSE(gates.has_plan(name("other")));
}

TEST_F(PlannedGatesTest, findings_name_the_plan_and_what_decided) {
  plans.plan.gates.load.emplace();
  const auto passed = run();
  EXPECT_EQ(passed.verdict, Verdict::Pass);
  EXPECT_EQ(passed.reason, "");
  EXPECT_EQ(passed.plan, sha256(as_bytes("text")));
  plans.plan.gates.size.emplace();
  plans.plan.gates.size->most = Bytes{1};
  const auto failed = run();
  EXPECT_EQ(failed.verdict, Verdict::Fail);
  EXPECT_THAT(failed.reason, HasSubstr("gate size: "));
}

TEST_F(PlannedGatesTest, a_plan_that_is_wrong_for_the_model_is_inconclusive) {
  const auto found = run("wrong");
  EXPECT_EQ(found.verdict, Verdict::Inconclusive);
  EXPECT_EQ(found.reason, "gate plan: gates.yaml:3:1: wrong");
}

TEST_F(PlannedGatesTest, a_plan_that_names_no_data_says_so) {
  plans.plan.gates.quality.emplace();
  plans.plan.gates.quality->rules.push_back({.metric = gate::Metric::Accuracy, .threshold = 0.5});
  EXPECT_THAT(run().reason, HasSubstr("the plan names no evaluation data"));
  plans.plan.data.dataset.emplace();
  plans.plan.gates.quality->least_rows = 2;
  EXPECT_THAT(run().reason, Not(HasSubstr("names no evaluation data")));
}

TEST_F(PlannedGatesTest, cases_of_a_file_are_not_read_by_a_server) {
  plans.plan.gates.regression.emplace();
  plans.plan.regression_cases = "cases.csv";
  EXPECT_THAT(run().reason, HasSubstr("expected the sha256:... of a data set of the server, found \"cases.csv\""));
}

TEST_F(PlannedGatesTest, who_signed_is_asked_of_whoever_keeps_signatures) {
  plans.plan.gates.signing.emplace(gate::SigningPolicy{gate::Signing::Require});
  EXPECT_THAT(run().reason, HasSubstr("gate signing: not measured: signatures are not read here"));
  const auto reason_with = [&](const Result<gate::SigningMeasurement>& measured) {
    PlannedGates asking{{plans,
                         probe,
                         artifacts,
                         packages,
                         [](const PlannedGates::Report&) { return std::string("{}"); },
                         {},
                         [&](const model::ModelVersion&) { return measured; }},
                        {"gates.yaml", "text"}};
    const auto found = asking.run(version_of(scorer()), nullptr, [](std::string_view) {});
    return std::string(model::name_of(found.verdict)) + " " + found.reason;
  };
  EXPECT_EQ(reason_with(gate::SigningMeasurement{}), "fail gate signing: expected a signature, found none");
  EXPECT_EQ(reason_with(gate::SigningMeasurement{gate::SigningState::Valid, "release", "", 1}), "pass ");
  EXPECT_EQ(reason_with(unavailable("the store is away")),
            "inconclusive gate signing: not measured: the store is away");
}

TEST_F(PlannedGatesTest, a_stopped_probe_interrupts) {
  plans.plan.gates.load.emplace();
  probe.interrupts = true;
  EXPECT_TRUE(run().interrupted);
}

TEST_F(PlannedGatesTest, evidence_without_end_is_cut_and_beyond_all_measure_is_inconclusive) {
  plans.plan.gates.load.emplace();
  body_size = 17U << 20;
  const auto found = run();
  EXPECT_EQ(found.verdict, Verdict::Inconclusive);
  EXPECT_THAT(found.reason, HasSubstr("the evidence takes 17825792 bytes, expected at most 16777216"));
  EXPECT_EQ(found.body.size(), 10U);
}

TEST_F(PlannedGatesTest, a_file_of_plans_is_checked_as_a_whole) {
  EXPECT_TRUE(PlannedGates::check(plans, {"gates.yaml", ""}).ok());
}

}  // namespace
}  // namespace slipway::validation
