// By what requests are assigned to the versions of a split, and with what probability.
#include <cmath>
#include <set>

#include "domain/access/permission.h"
#include "serving_house.h"

namespace slipway::scenarios {
namespace {

using model::AssignedBy;
using model::UnitSource;

// Who asks: fields, and what he may do.
struct FakeCaller final : ports::Caller {
  std::string_view header(std::string_view name) const override {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view() : found->second;
  }
  std::string_view query(std::string_view key) const override { return key == model::kUnitParameter ? queried : ""; }
  const access::Principal& principal() const override { return who; }
  Result<void> require(access::Permission permission) const override {
    if (permission == holds) return {};
    return denied("not for you");
  }
  std::map<std::string, std::string> headers;
  std::string_view queried;
  access::Principal who{"shop", access::Role::Predictor};
  std::optional<access::Permission> holds;
};

class Assigning : public ServingHouse {
 protected:
  void serve(std::uint32_t candidate, const model::AssignmentRule& rule = {}) {
    if (service_.table()->find("m") == nullptr) {
      have("m", 1, {.echo = std::string(kEcho) + "constant version 1\n"});
      have("m", 2, {.echo = std::string(kEcho) + "constant version 2\n"});
    }
    deploy("m", *model::TrafficSplit::parse({{1, {10'000 - candidate}}, {2, {candidate}}}), rule);
    settle();
  }
  ports::Assignment assign(ports::PredictRequest request) {
    request.model = "m";
    request.caller = &caller_;
    return *lane().assign(request);
  }
  ports::Assignment assign(const std::string& unit) {
    caller_.headers["x-slipway-unit"] = unit;
    return assign(ports::PredictRequest{});
  }
  std::set<std::string> candidates(std::uint32_t share) {
    serve(share);
    std::set<std::string> units;
    for (int i = 0; i < 2000; ++i) {
      const std::string unit = "customer-" + std::to_string(i);
      if (assign(unit)->described().version == 2) units.insert(unit);
    }
    return units;
  }

  FakeCaller caller_;
};

TEST_F(Assigning, a_ramp_moves_units_from_the_control_to_the_candidate_only) {
  std::set<std::string> before;
  for (const std::uint32_t share : {100U, 500U, 1000U, 2500U, 5000U, 10'000U}) {
    const auto now = candidates(share);
    EXPECT_TRUE(std::ranges::includes(now, before)) << share;
    EXPECT_NEAR(now.size(), 2000.0 * share / 10'000, 5 * std::sqrt(2000 * 0.25)) << share;
    before = now;
  }
}

TEST_F(Assigning, tells_the_probability_of_each_draw_and_the_revision_it_was_drawn_from) {
  serve(1000);
  for (int i = 0; i < 100; ++i) {
    const auto made = assign("customer-" + std::to_string(i));
    EXPECT_EQ(made.draw.probability, made->described().version == 2 ? 0.1 : 0.9);
    EXPECT_EQ(made.draw.revision, 1U);
    EXPECT_EQ(made.draw.by, AssignedBy::Unit);
    EXPECT_NE(made.draw.unit, 0U);
  }
}

TEST_F(Assigning, another_experiment_assigns_the_same_units_anew) {
  const auto standing = candidates(5000);
  serve(5000, {.unit = {}, .experiment = "canary of 2", .conditions = {}});
  int moved = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string unit = "customer-" + std::to_string(i);
    const bool is_candidate = assign(unit)->described().version == 2;
    moved += is_candidate == standing.contains(unit) ? 0 : 1;
  }
  EXPECT_NEAR(moved, 1000, 112);  // 5 standard deviations
}

TEST_F(Assigning, takes_the_unit_from_where_the_rule_says) {
  const auto unit_of = [this](UnitSource source, ports::PredictRequest request = {}) {
    serve(5000, {.unit = std::move(source), .experiment = {}, .conditions = {}});
    return assign(request).draw;
  };
  const std::uint64_t salt = model::assignment_salt("production", "m");
  caller_.headers["x-customer"] = "17";
  EXPECT_EQ(unit_of({UnitSource::Kind::Header, "x-customer"}).unit, model::unit_of(salt, "17"));
  EXPECT_EQ(unit_of({UnitSource::Kind::Principal, ""}).unit, model::unit_of(salt, "shop"));
  caller_.queried = "19";
  EXPECT_EQ(unit_of({UnitSource::Kind::Parameter, ""}).unit, model::unit_of(salt, "19"));
  EXPECT_EQ(unit_of({UnitSource::Kind::Parameter, ""}, {.unit_parameter = "18"}).unit, model::unit_of(salt, "18"));
  std::vector<std::byte> text;
  tensor::append_bytes_element(text, "ada");
  const std::vector<tensor::TensorView> inputs = {{"who", DataType::Bytes, {1, 1}, text}};
  EXPECT_EQ(unit_of({UnitSource::Kind::Input, "who"}, {.inputs = inputs}).unit, model::unit_of(salt, "ada"));
  EXPECT_EQ(unit_of({UnitSource::Kind::Request, ""}).by, AssignedBy::Chance);
}

TEST_F(Assigning, an_input_that_is_no_good_is_no_unit) {
  const std::vector<std::byte> cut = {std::byte{200}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{65}};
  for (const auto& data : {cut, std::vector<std::byte>{}, std::vector<std::byte>{std::byte{1}}}) {
    const std::vector<tensor::TensorView> inputs = {{"who", DataType::Bytes, {1, 1}, data}};
    serve(5000, {.unit = {UnitSource::Kind::Input, "who"}, .experiment = {}, .conditions = {}});
    EXPECT_EQ(assign(ports::PredictRequest{.inputs = inputs}).draw.by, AssignedBy::Chance);
  }
}

TEST_F(Assigning, a_request_without_a_unit_is_drawn_for_itself_and_its_parts_are_one_unit) {
  serve(5000);
  const auto first = assign(ports::PredictRequest{}), second = assign(ports::PredictRequest{});
  EXPECT_EQ(first.draw.by, AssignedBy::Chance);
  EXPECT_NE(first.draw.unit, 0U);
  EXPECT_NE(first.draw.unit, second.draw.unit);
}

TEST_F(Assigning, a_tester_gets_the_version_he_asks_for) {
  serve(0);
  caller_.headers["x-slipway-version"] = "2";
  caller_.holds = access::Permission::Deploy;
  const auto made = assign("customer-1");
  EXPECT_EQ(made->described().version, 2U);
  EXPECT_EQ(made.draw.by, AssignedBy::Override);
  EXPECT_EQ(made.draw.probability, 1);
}

TEST_F(Assigning, a_wish_is_refused_without_the_permission_or_the_version) {
  serve(1000);
  const auto refusal = [this](const char* wish) {
    caller_.headers["x-slipway-version"] = wish;
    ports::PredictRequest request;
    request.model = "m";
    request.caller = &caller_;
    return lane().assign(request).error();
  };
  EXPECT_EQ(refusal("2").code, ErrorCode::Denied);
  EXPECT_NE(refusal("2").message.find("header x-slipway-version"), std::string::npos);
  caller_.holds = access::Permission::Deploy;
  EXPECT_EQ(refusal("two").code, ErrorCode::InvalidInput);
  EXPECT_EQ(refusal("9").code, ErrorCode::NotFound);
}

TEST_F(Assigning, synthetic_traffic_goes_to_the_control) {
  serve(9000, {.unit = {}, .experiment = {}, .control = 1, .conditions = {}});
  caller_.headers["x-slipway-synthetic"] = "probe";
  const auto made = assign("customer-1");
  EXPECT_EQ(made->described().version, 1U);
  EXPECT_EQ(made.draw.by, AssignedBy::Synthetic);
}

TEST_F(Assigning, a_wish_and_synthetic_traffic_are_heard_while_one_version_answers_all) {
  have("m", 1, {});
  have("m", 2, {});
  deploy("m", 1);
  settle();
  const auto ask_for = [this](const char* wish) {
    caller_.headers["x-slipway-version"] = wish;
    ports::PredictRequest request;
    request.model = "m";
    request.caller = &caller_;
    return lane().assign(request);
  };
  EXPECT_EQ(ask_for("1").error().code, ErrorCode::Denied);
  caller_.holds = access::Permission::Deploy;
  EXPECT_EQ(ask_for("99").error().code, ErrorCode::NotFound);
  EXPECT_EQ(ask_for("1")->draw.by, AssignedBy::Override);
  caller_.headers = {{"x-slipway-synthetic", "probe"}};
  EXPECT_EQ(assign(ports::PredictRequest{}).draw.by, AssignedBy::Synthetic);
}

TEST_F(Assigning, only_the_segment_takes_part) {
  serve(9000, {.unit = {}, .experiment = {}, .control = 1, .conditions = {{"x-tenant", "acme"}, {"", "shop"}}});
  EXPECT_EQ(assign("customer-1").draw.by, AssignedBy::Outside);
  EXPECT_EQ(assign("customer-1")->described().version, 1U);
  caller_.headers["x-tenant"] = "acme";
  EXPECT_EQ(assign("customer-1").draw.by, AssignedBy::Unit);
  caller_.who.name = "somebody else";
  EXPECT_EQ(assign("customer-1").draw.by, AssignedBy::Outside);
}

TEST_F(Assigning, a_named_version_is_no_draw) {
  serve(1000);
  const auto made = assign(ports::PredictRequest{.version = 2});
  EXPECT_EQ(made.draw.by, AssignedBy::Name);
  EXPECT_EQ(made.draw.revision, 1U);
}

}  // namespace
}  // namespace slipway::scenarios
