// Rollouts over the admin API, on a registry and stores in memory.
#include <gmock/gmock.h>

#include "adapter/plan_yaml/rollout_plan.h"
#include "adapter/store_memory/memory_rollouts.h"
#include "admin/admin_house.h"

namespace slipway::admin_scenarios {
namespace {

using testing::HasSubstr;

// As the registry serves; everything is live at once.
class RegistryTraffic final : public ports::TrafficControl {
 public:
  explicit RegistryTraffic(registry::Registry& registry) : registry_(registry) {}
  Result<ports::ServedTraffic> served(std::string_view environment, const model::ModelName& model) override {
    for (const auto& [desired, revision] : TRY(registry_.desired(environment))) {
      if (desired.model != model) continue;
      const auto shares = desired.split.shares();
      return ports::ServedTraffic{{{shares.begin(), shares.end()}, {}}, revision, true, {}};
    }
    return not_found("model \"" + model.text() + "\" is not served");
  }
  Result<void> expect_servable(const model::ModelName& model, model::VersionNumber version) override {
    TRY(registry_.version(model, version));
    return {};
  }
  Result<void> serve(const rollout::Rollout& rollout, const rollout::Traffic& traffic, std::uint64_t expected,
                     std::uint64_t number) override {
    registry::Author author{"rollout", rollout.reason};
    author.rollout = number;
    TRY(registry_.deploy(rollout.environment, rollout.model, TRY(model::TrafficSplit::parse(traffic.shares)), expected,
                         author));
    return {};
  }
  bool can_mirror() const override { return false; }
  Result<void> approve(const rollout::Rollout&, const rollout::Person&, std::uint64_t) override { return {}; }
  Result<void> expect_approved(const rollout::Rollout&) override { return {}; }

 private:
  registry::Registry& registry_;
};

class Rollouts : public AdminHouse {
 protected:
  void SetUp() override {
    AdminHouse::SetUp();
    traffic = std::make_unique<RegistryTraffic>(*registry);
    delivery = std::make_unique<delivery::Delivery>(delivery::Delivery::Parts{.store = rollouts,
                                                                              .plans = plans,
                                                                              .traffic = *traffic,
                                                                              .history = metadata,
                                                                              .clock = clock,
                                                                              .log = log,
                                                                              .program = "test"});
    routes = api_admin::routes({.registry = *registry,
                                .packages = uploads,
                                .predictor = predictor,
                                .clock = clock,
                                .log = log,
                                .environment = "production",
                                .version = "0.1.0",
                                .uploads = folder + "/uploads",
                                .delivery = delivery.get()});
    push_upload("fraud|one");
    push_upload("fraud|two");
    live(1);
  }
  Answered start(const std::string& plan = "preset: blue_green", const std::string& more = "") {
    return post(kAll, {},
                R"({"model": "fraud", "candidates": ["2"], "reason": "new", "plan": ")" + plan + "\"" + more + "}");
  }
  Answered say(const std::string& command, const std::string& body = R"({"reason": "because"})") {
    return post(kOne + "/" + command, {"1"}, body);
  }
  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      clock.advance(std::chrono::seconds(1));
      delivery->tick();
    }
  }
  const std::string kAll = "/api/v1/rollouts", kOne = kAll + "/{rollout}";
  plan_yaml::RolloutPlanYaml plans;
  std::unique_ptr<RegistryTraffic> traffic;
  std::unique_ptr<delivery::Delivery> delivery;
};

TEST_F(Rollouts, go_from_start_to_the_end_and_tell_every_decision) {
  const auto started = start();
  ASSERT_EQ(started.status, 201) << started.body;
  EXPECT_THAT(started.body, HasSubstr(R"("control":1,"candidates":[2],"state":"queued")"));
  run(62);
  EXPECT_THAT(get(kOne, {"1"}).body, HasSubstr(R"("wants":[{"version":1,"share":0},{"version":2,"share":10000}])"));
  run(3'610);
  EXPECT_THAT(get(kOne, {"1"}).body, HasSubstr(R"("state":"completed")"));
  EXPECT_THAT(get(kAll).body, HasSubstr(R"("winner":2)"));
  EXPECT_THAT(get(kOne + "/decisions", {"1"}).body, HasSubstr(R"("action":"start")"));
  EXPECT_EQ(served(), "version 2");
}

TEST_F(Rollouts, without_evidence_a_canary_holds_and_people_move_it) {
  ASSERT_EQ(start("preset: canary").status, 201);
  run(400);
  EXPECT_THAT(get(kOne, {"1"}).body, HasSubstr(R"("holding":"there is no evidence")"));
  EXPECT_EQ(say("weight", R"({"weight": 2500, "reason": "bolder"})").status, 200);
  run(2);
  EXPECT_THAT(get(kOne, {"1"}).body, HasSubstr(R"("wants":[{"version":1,"share":7500},{"version":2,"share":2500}])"));
  EXPECT_EQ(say("resume").status, 200);
  EXPECT_EQ(say("pause").status, 200);
  EXPECT_EQ(say("promote", R"({"to": "end", "reason": "seen enough"})").status, 200);
  run(3);
  EXPECT_EQ(served(), "version 2");
  EXPECT_EQ(say("abort").status, 409);
}

TEST_F(Rollouts, abort_gives_all_traffic_back) {
  ASSERT_EQ(start("preset: canary").status, 201);
  run(5);
  EXPECT_EQ(start().status, 409);
  EXPECT_EQ(start("preset: canary", R"(, "queue": "yes")").status, 400) << "version 2 would be the control then";
  ASSERT_EQ(say("abort").status, 200);
  run(3);
  EXPECT_EQ(served(), "version 1");
}

TEST_F(Rollouts, wrong_requests_are_refused_with_what_was_expected) {
  EXPECT_THAT(start("preset: cannary").body, HasSubstr("expected one of shadow, canary"));
  EXPECT_EQ(start("preset: shadow").status, 501);
  EXPECT_EQ(
      post(kAll, {}, R"({"model": "fraud", "candidates": ["x"], "plan": "preset: canary", "reason": "r"})").status,
      400);
  EXPECT_EQ(
      post(kAll, {}, R"({"model": "fraud", "candidates": ["9"], "plan": "preset: canary", "reason": "r"})").status,
      404);
  EXPECT_EQ(get(kOne, {"7"}).status, 404);
  EXPECT_EQ(get(kOne, {"seven"}).status, 404);
  EXPECT_EQ(post("/api/v1/rollout-plan", {}, R"({"plan": "preset: bandit"})").status, 200);
  ASSERT_EQ(start("preset: canary").status, 201);
  EXPECT_EQ(say("weight", R"({"weight": 10001, "reason": "r"})").status, 400);
  EXPECT_EQ(say("pause", "{}").status, 400);
  EXPECT_EQ(say("approve").status, 403) << "who started it";
}

}  // namespace
}  // namespace slipway::admin_scenarios
