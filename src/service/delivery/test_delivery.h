// A delivery over stores in memory, with traffic, evidence and kills as told.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/plan_yaml/rollout_plan.h"
#include "adapter/store_memory/memory_rollouts.h"
#include "adapter/store_memory/memory_store.h"
#include "domain/rollout/traffic_text.h"
#include "domain/stats/random.h"
#include "service/delivery/delivery.h"
#include "service/delivery/set_clock.h"

namespace slipway::delivery {

// Whether a call dies, and if so before or after it did its work.
struct Deaths {
  stats::Xoshiro256 random{1};
  std::uint64_t one_in = 0;  // 0: never
  bool now() { return one_in != 0 && random.below(one_in) == 0; }
  static Error error() { return unavailable("killed"); }
};

class FakeTraffic final : public ports::TrafficControl {
 public:
  explicit FakeTraffic(Deaths& deaths) : deaths_(deaths) {}
  Result<ports::ServedTraffic> served(std::string_view, const model::ModelName&) override {
    if (deaths_.now()) return Deaths::error();
    if (!here) return not_found("nothing is served");
    return *here;
  }
  Result<void> expect_servable(const model::ModelName&, model::VersionNumber version) override {
    if (version == 99) return conflict("version 99 is registered, expected validated");
    if (servable_asks == 0 || --servable_asks != 0) return {};
    if (when_gone) std::exchange(when_gone, nullptr)();
    return Error{gone, "version 2 was removed"};
  }
  Result<void> serve(const rollout::Rollout&, const rollout::Traffic& traffic, std::uint64_t expected,
                     std::uint64_t) override {
    if (before_serve) std::exchange(before_serve, nullptr)();
    ++asked;
    if (refuses) return denied("a policy forbids it");
    if (deaths_.now()) return Deaths::error();
    if (here->revision != expected) return conflict("revision");
    here->traffic = traffic;
    ++here->revision;
    history += (history.empty() ? "" : ", ") + rollout::text_of(traffic);
    if (deaths_.now()) return Deaths::error();
    return {};
  }
  bool can_mirror() const override { return false; }
  Result<void> approve(const rollout::Rollout&, const rollout::Person& person, std::uint64_t) override {
    if (person.name == "maker") return denied("maker made version 2: somebody else must approve it");
    words.push_back(person.name);
    return {};
  }
  Result<void> expect_approved(const rollout::Rollout&) override {
    if (words.size() >= words_expected) return {};
    return conflict(std::to_string(words_expected) + " approvals are expected, found " + std::to_string(words.size()));
  }

  std::optional<ports::ServedTraffic> here = ports::ServedTraffic{{{{1, model::kWhole}}, {}}, 5, true, {}};
  std::string history;
  std::vector<std::string> words;
  std::size_t words_expected = 1;
  std::function<void()> before_serve;
  bool refuses = false;
  int asked = 0;          // to serve
  int servable_asks = 0;  // the last of so many finds it gone; 0: never
  ErrorCode gone = ErrorCode::NotFound;
  std::function<void()> when_gone;

 private:
  Deaths& deaths_;
};

class DyingStore final : public ports::RolloutStore {
 public:
  explicit DyingStore(Deaths& deaths) : deaths_(deaths) {}
  Result<std::uint64_t> add(ports::RolloutRecord record, ports::RolloutDecision first, std::uint64_t after) override {
    if (before_add) std::exchange(before_add, nullptr)();
    return memory.add(std::move(record), std::move(first), after);
  }
  Result<void> put(const ports::RolloutRecord& record, std::uint64_t expected,
                   const std::optional<ports::RolloutDecision>& decision) override {
    if (deaths_.now()) return Deaths::error();
    TRY(memory.put(record, expected, decision));
    if (deaths_.now()) return Deaths::error();
    return {};
  }
  Result<std::optional<ports::StoredRollout>> rollout(std::uint64_t number) override {
    if (broken == number) return corrupt("rollout.wanted: expected shares");
    return memory.rollout(number);
  }
  Result<std::vector<ports::OpenPlace>> open_places() override {
    if (deaths_.now()) return Deaths::error();
    return memory.open_places();
  }
  Result<std::vector<ports::UntoldDecision>> untold(std::size_t limit) override {
    if (deaths_.now()) return Deaths::error();
    return memory.untold(limit);
  }
  Result<void> told(std::uint64_t rollout, std::uint64_t number) override {
    if (deaths_.now()) return Deaths::error();
    return memory.told(rollout, number);
  }
  Result<std::vector<ports::StoredRollout>> rollouts(std::string_view model, std::uint64_t before,
                                                     std::size_t limit) override {
    return memory.rollouts(model, before, limit);
  }
  Result<std::vector<ports::RolloutDecision>> decisions(std::uint64_t number, std::uint64_t before,
                                                        std::size_t limit) override {
    return memory.decisions(number, before, limit);
  }
  store_memory::MemoryRollouts memory;
  std::function<void()> before_add;
  std::optional<std::uint64_t> broken;

 private:
  Deaths& deaths_;
};

// The same for every look; counts its gatherings in the state that outlives it.
class FakeEvidence final : public ports::RolloutEvidence {
 public:
  Result<ports::GatheredEvidence> gather(const ports::RolloutRecord& record, WallTime) override {
    if (!failure.empty()) return unavailable(failure);
    const std::size_t seen = record.evidence.empty() ? 0 : std::stoul(record.evidence);
    ports::GatheredEvidence gathered{.evidence = {said}};
    gathered.judgements = {judged};
    gathered.joins = joins;
    gathered.inputs = [seen, reason = said.reason] {
      return "{\"looks\":" + std::to_string(seen) + ",\"said\":\"" + reason + "\"}";
    };
    gathered.state = [seen] { return std::to_string(seen + 1); };
    return gathered;
  }
  Result<evidence::EvidencePlan> check(std::string_view) override { return plan; }
  evidence::EvidencePlan plan;
  std::vector<ports::JoinCount> joins;
  rollout::Evidence said{model::Verdict::Pass, true, "equal"};
  evidence::Judgement judged{.log_harm = 0.5, .harm_bar = 3};
  std::string failure;
};

class DeliveryTest : public ::testing::Test {
 protected:
  static constexpr const char* kPlan = "stages: [{canary: {weights: [10%, 50%, 100%], dwell: 20s, holdback: 0%}}]\n";

  DeliveryTest() { restart(); }
  void restart(const std::string& environment = "") {
    delivery = std::make_unique<Delivery>(Delivery::Parts{.store = store,
                                                          .plans = plans,
                                                          .traffic = traffic,
                                                          .history = registry,
                                                          .evidence = &evidence,
                                                          .clock = clock,
                                                          .log = log,
                                                          .program = "test",
                                                          .environment = environment});
  }
  static StartRequest request(const std::string& plan = kPlan, Turn turn = Turn::OnlyNow) {
    return {"production", *model::ModelName::parse("fraud"), {2}, plan, turn};
  }
  std::string start(const StartRequest& asked) {
    const auto started = delivery->start(asked, {{"ann", "new features"}});
    return started.ok() ? "started" : std::string(name_of(started.error().code)) + ": " + started.error().message;
  }
  std::string command(const rollout::Command& command, std::string name = "ann") {
    const auto done = delivery->command(1, command, {{std::move(name), "because"}});
    return done.ok() ? "done" : std::string(name_of(done.error().code)) + ": " + done.error().message;
  }
  // Ticks each second, for so many.
  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      clock.advance(std::chrono::seconds(1));
      delivery->tick();
    }
  }
  rollout::Rollout state(std::uint64_t number = 1) { return store.memory.rollout(number).value()->record.state; }

  Deaths deaths;
  DyingStore store{deaths};
  store_memory::MemoryStore registry;
  plan_yaml::RolloutPlanYaml plans;
  FakeTraffic traffic{deaths};
  FakeEvidence evidence;
  SetClock clock;
  Log log{{.level = LogLevel::Off}};
  std::unique_ptr<Delivery> delivery;
};

}  // namespace slipway::delivery
