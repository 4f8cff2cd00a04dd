#include <gmock/gmock.h>

#include <map>

#include "service/delivery/test_delivery.h"

namespace slipway::delivery {
namespace {

// Every sample as "name{key=value,...}".
class Collected final : public ports::MetricVisitor {
 public:
  explicit Collected(const Delivery& delivery) { delivery.collect(*this); }
  void family(std::string_view name, std::string_view, ports::MetricKind) override { family_ = name; }
  void sample(ports::MetricLabels labels, double value) override {
    std::string key = family_ + "{";
    for (const auto& label : labels) {
      key += (key.back() == '{' ? "" : ",") + std::string(label.key) + "=" + std::string(label.value);
    }
    EXPECT_TRUE(samples.emplace(key + "}", value).second) << key << " twice";
  }
  void histogram(ports::MetricLabels, std::span<const double>, std::span<const std::uint64_t>, double) override {
    ADD_FAILURE() << family_;
  }
  std::map<std::string, double> samples;

 private:
  std::string family_;
};

TEST_F(DeliveryTest, tells_weight_evidence_verdict_and_state_of_what_is_open) {
  evidence.judged.findings = {{.metric = "errors", .log_harm = 0.4, .harm_bar = 3, .log_safe = 1.5, .safe_bar = 2.9},
                              {.metric = "latency", .log_harm = -0.1, .harm_bar = 4},
                              {.metric = "errors", .slice = "country=DE", .log_harm = 9}};
  evidence.joins = {{.answers = 900, .outcomes = {450, 0, 0, 0}}, {.answers = 100, .outcomes = {20, 0, 0, 0}}};
  ASSERT_EQ(start(request()), "started");
  run(5);
  const std::string of = "model=fraud,environment=production,";
  const auto samples = Collected(*delivery).samples;
  EXPECT_EQ(samples.at("slipway_rollout_weight{" + of + "version=1}"), 0.9);
  EXPECT_EQ(samples.at("slipway_rollout_weight{" + of + "version=2}"), 0.1);
  EXPECT_EQ(samples.at("slipway_rollout_evidence{" + of + "version=2,metric=errors,of=harm}"), 0.4);
  EXPECT_EQ(samples.at("slipway_rollout_evidence{" + of + "version=2,metric=errors,of=no_harm}"), 1.5);
  EXPECT_EQ(samples.at("slipway_rollout_evidence_bar{" + of + "version=2,metric=latency,of=harm}"), 4);
  EXPECT_FALSE(samples.contains("slipway_rollout_evidence{" + of + "version=2,metric=latency,of=no_harm}"));
  EXPECT_EQ(samples.at("slipway_rollout_verdict{" + of + "version=2,verdict=pass}"), 1);
  EXPECT_EQ(samples.at("slipway_rollout_answers{" + of + "version=1}"), 900);
  EXPECT_EQ(samples.at("slipway_rollout_outcomes{" + of + "version=2,kind=label}"), 20);
  EXPECT_EQ(samples.at("slipway_rollout_state{" + of + "state=observing,paused=no}"), 1);
  EXPECT_EQ(samples.at("slipway_rollout_decisions_total{state=queued,by=person}"), 1);
  EXPECT_EQ(samples.at("slipway_rollout_decisions_total{state=applying,by=controller}"), 1);
}

TEST_F(DeliveryTest, tells_of_waiting_and_ended_rollouts_only_what_was_decided) {
  ASSERT_EQ(start(request()), "started");
  ASSERT_EQ(start({"production", *model::ModelName::parse("fraud"), {3}, kPlan, Turn::MayQueue}), "started");
  run(3);
  EXPECT_EQ(Collected(*delivery).samples.count("slipway_rollout_state{model=fraud,environment=production,"
                                               "state=observing,paused=no}"),
            1u);
  ASSERT_EQ(command(rollout::Abort{}), "done");
  run(3);
  EXPECT_GE(Collected(*delivery).samples.at("slipway_rollout_decisions_total{state=aborted,by=controller}"), 1);
}

}  // namespace
}  // namespace slipway::delivery
