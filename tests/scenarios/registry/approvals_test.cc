// Nothing reaches an environment with a policy but by the word of others: every way in asks the same question.
#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using registry::Author;
using testing::HasSubstr;
using testing::IsEmpty;

class Approvals : public House {
 protected:
  void SetUp() override {
    given_versions(3);
    ask_for(1);
  }
  void ask_for(std::uint32_t approvals, std::string_view environment = "production") {
    governance::Policy policy{.models = access::NamePattern::parse("fr*").value(),
                              .environment = std::string(environment),
                              .approvals = approvals,
                              .aliases = {alias(environment), alias("champion")}};
    rules = {{policy}};
    restart();
  }
  Result<ports::ApprovalRecord> approve(model::VersionNumber number, const Author& author) {
    return registry->approve(name("fraud"), number, "production", std::nullopt, author);
  }
  void approved(model::VersionNumber number) { ASSERT_EQ(message(approve(number, max)), "ok"); }
  model::Event newest() { return registry->history("fraud", 0, 1).value().front(); }

  const Author max{"max", "reviewed"};
  const Author root{"root", "incident 42"};
};

TEST_F(Approvals, a_deploy_waits_for_somebody_elses_word) {
  EXPECT_THAT(message(deploy(1)), HasSubstr("expects 1 approval by others than eva, who made it; found none"));
  approved(1);
  EXPECT_EQ(message(deploy(1)), "ok");
  EXPECT_EQ(points_to("production"), "version 1");
}

TEST_F(Approvals, who_made_it_cannot_approve_it_and_the_attempt_is_kept) {
  EXPECT_EQ(outcome(approve(1, eva)), "Denied");
  const auto refused = refusals.take(clock.wall_now());
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].actor, "eva");
  EXPECT_EQ(refused[0].subject, "approve version 1 for production");
}

TEST_F(Approvals, a_refused_deploy_is_kept_with_what_the_policy_said) {
  EXPECT_EQ(outcome(deploy(2)), "Conflict");
  const auto refused = refusals.take(clock.wall_now());
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].subject, "version 2 to production");
  EXPECT_THAT(refused[0].reason, HasSubstr("expects 1 approval"));
}

TEST_F(Approvals, an_alias_that_stands_for_the_environment_asks_the_same) {
  for (const char* asked : {"production", "champion"}) {
    EXPECT_EQ(outcome(registry->set_alias(name("fraud"), alias(asked), 1, std::nullopt, eva)), "Conflict") << asked;
  }
  EXPECT_EQ(outcome(registry->set_alias(name("fraud"), alias("candidate"), 1, std::nullopt, eva)), "ok");
  approved(1);
  EXPECT_EQ(outcome(registry->set_alias(name("fraud"), alias("production"), 1, std::nullopt, eva)), "ok");
}

TEST_F(Approvals, other_environments_and_models_are_free) {
  EXPECT_EQ(outcome(deploy(1, "staging")), "ok");
  const auto other = pushed("w", "wine");
  EXPECT_EQ(
      outcome(registry->deploy("production", name("wine"), model::TrafficSplit::all_to(other), std::nullopt, eva)),
      "ok");
}

TEST_F(Approvals, every_version_of_a_split_needs_its_own) {
  approved(1);
  const auto split = model::TrafficSplit::parse({{1, {9'000}}, {2, {1'000}}}).value();
  EXPECT_THAT(message(registry->deploy("production", name("fraud"), split, std::nullopt, eva)), HasSubstr("version 2"));
  approved(2);
  EXPECT_EQ(outcome(registry->deploy("production", name("fraud"), split, std::nullopt, eva)), "ok");
}

TEST_F(Approvals, a_rollback_asks_as_well) {
  approved(1);
  live(1);
  approved(2);
  live(2);
  const auto given = registry->approvals(name("fraud"), 1).value().given;
  ASSERT_EQ(given.size(), 1U);
  ASSERT_EQ(message(registry->revoke_approval(name("fraud"), 1, given[0].id, max)), "ok");
  EXPECT_EQ(rolled_back(), "Conflict");
  EXPECT_EQ(served(), "version 2");
  approved(1);
  EXPECT_EQ(rolled_back(), "version 1");
}

TEST_F(Approvals, revoking_stops_the_next_deploy_but_not_what_is_served) {
  approved(1);
  ASSERT_EQ(outcome(deploy(1)), "ok");
  const auto given = registry->approvals(name("fraud"), 1).value().given;
  ASSERT_EQ(message(registry->revoke_approval(name("fraud"), 1, given[0].id, max)), "ok");
  EXPECT_EQ(served(), "version 1");
  EXPECT_EQ(outcome(deploy(1)), "ok");  // it is there already
  ASSERT_EQ(outcome(registry->undeploy("production", name("fraud"), eva)), "ok");
  EXPECT_EQ(outcome(deploy(1)), "Conflict");
}

TEST_F(Approvals, newer_evidence_asks_for_a_newer_word) {
  approved(1);
  ports::EvidenceRecord evidence{.model = name("fraud"), .version = 1};
  evidence.verdict = model::Verdict::Pass;
  evidence.body = "{}";
  evidence.body_digest = sha256(as_bytes("{}"));
  ASSERT_TRUE(metadata.commit({{evidence, 0}}, {}).ok());
  EXPECT_THAT(message(deploy(1)), HasSubstr("upon other evidence: max"));
  approved(1);
  EXPECT_EQ(outcome(deploy(1)), "ok");
}

TEST_F(Approvals, an_approval_ends_at_its_time) {
  ASSERT_TRUE(registry->approve(name("fraud"), 1, "production", std::chrono::hours(1), max).ok());
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(outcome(deploy(1)), "Conflict");
}

TEST_F(Approvals, the_same_word_twice_is_one) {
  ask_for(2);
  approved(1);
  approved(1);
  EXPECT_EQ(registry->approvals(name("fraud"), 1).value().given.size(), 1U);
  EXPECT_EQ(outcome(deploy(1)), "Conflict");
  EXPECT_EQ(outcome(approve(1, {"ida", ""})), "ok");
  EXPECT_EQ(outcome(deploy(1)), "ok");
}

TEST_F(Approvals, who_made_what_a_version_was_imported_from_cannot_approve_it) {
  auto writer = artifacts.create().value();
  ASSERT_TRUE(writer->write(as_bytes("weights")).ok());
  const registry::ImportRequest request{.model = name("fraud"),
                                        .files = {{"m.onnx", 7, writer->finish().value()}},
                                        .notes = {.model = name("fraud"), .version = 1},
                                        .makers = {"max", "eva", "", "max"}};
  const auto made = registry->import(request, eva);
  ASSERT_TRUE(made.ok()) << message(made);
  EXPECT_EQ(made->makers, std::vector<std::string>{"max"});
  EXPECT_EQ(outcome(approve(made->number, max)), "Denied");
  EXPECT_THAT(message(deploy(made->number)), HasSubstr("by others than eva, max, who made it"));
  EXPECT_EQ(outcome(approve(made->number, {"ida", ""})), "ok");
  EXPECT_EQ(outcome(deploy(made->number)), "ok");
}

TEST_F(Approvals, those_taken_back_leave_room_for_others) {
  for (int i = 0; i < 250; ++i) {
    const auto given = approve(1, max);
    ASSERT_TRUE(given.ok()) << message(given);
    ASSERT_EQ(message(registry->revoke_approval(name("fraud"), 1, given->id, max)), "ok");
  }
  for (int i = 0; i < 200; ++i) ASSERT_EQ(message(approve(1, {"approver " + std::to_string(i), ""})), "ok");
  EXPECT_THAT(message(approve(1, max)), HasSubstr("has 200 approvals that stand, of 450 ever given"));
  EXPECT_EQ(outcome(registry->override_policies(name("fraud"), 1, "production", std::chrono::hours(1), root)), "ok");
}

TEST_F(Approvals, an_override_lets_it_in_for_its_time_and_is_told_loudly) {
  EXPECT_EQ(outcome(registry->override_policies(name("fraud"), 1, "production", std::chrono::hours(1), {"root", ""})),
            "InvalidInput");
  EXPECT_EQ(outcome(registry->override_policies(name("fraud"), 1, "production", std::chrono::hours(25), root)),
            "InvalidInput");
  ASSERT_EQ(outcome(registry->override_policies(name("fraud"), 1, "production", std::chrono::hours(1), root)), "ok");
  EXPECT_EQ(newest().action, "override");
  EXPECT_EQ(newest().reason, "incident 42");
  ASSERT_EQ(outcome(deploy(1)), "ok");
  const auto deployed = registry->history("fraud", 0, 2).value();
  EXPECT_EQ(deployed[1].reason, "[policies overridden] because");
  EXPECT_EQ(outcome(deploy(2)), "Conflict");
  ASSERT_EQ(outcome(registry->undeploy("production", name("fraud"), eva)), "ok");
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(outcome(deploy(1)), "Conflict");
}

TEST_F(Approvals, what_an_override_let_in_without_evidence_can_be_given_a_word_for_a_step) {
  rules.policies[0].needs_evidence = true;
  restart();
  EXPECT_THAT(message(approve(1, max)), HasSubstr("expects gate evidence that passed, found none"));
  ASSERT_EQ(outcome(registry->override_policies(name("fraud"), 1, "production", std::chrono::hours(1), root)), "ok");
  EXPECT_EQ(outcome(approve(1, eva)), "Denied") << "who made it";
  EXPECT_EQ(message(approve(1, max)), "ok");
  EXPECT_EQ(registry->may_advance("production", name("fraud"), 1).value(), governance::Entry::Overridden);
  EXPECT_EQ(outcome(registry->approve(name("fraud"), 1, "staging", std::nullopt, max)), "ok") << "it has no policy";
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(message(approve(1, max)).substr(0, 14), "an approval of") << "the override is over";
  EXPECT_EQ(outcome(deploy(1)), "Conflict") << "a word is no evidence";
}

TEST_F(Approvals, what_is_not_validated_or_not_there_cannot_be_approved) {
  probe.answer("bad", Verdict::Failed, "wrong output");
  const auto rejected = pushed("bad");
  EXPECT_EQ(outcome(approve(rejected, max)), "Conflict");
  EXPECT_EQ(outcome(approve(99, max)), "NotFound");
  EXPECT_EQ(outcome(registry->revoke_approval(name("fraud"), 1, "apr_0", max)), "NotFound");
}

TEST_F(Approvals, how_a_version_stands_is_told_for_each_environment_with_a_policy) {
  const auto standing = registry->approvals(name("fraud"), 1).value().standings;
  ASSERT_EQ(standing.size(), 1U);
  EXPECT_EQ(standing[0].environment, "production");
  EXPECT_THAT(message(standing[0].entry), HasSubstr("found none"));
}

// What the history says was allowed when each deployment happened: its order is the order in which things came true.
std::vector<std::string> bypasses(const std::vector<model::Event>& trail) {
  std::vector<std::string> found;
  std::map<std::string, std::set<std::string>> valid;  // version to the approvals that count
  for (const model::Event& event : trail) {
    const std::string version = event.subject.substr(0, event.subject.find(" for "));
    if (event.action == "approve") valid[version].insert(event.to.substr(0, event.to.find(' ')));
    if (event.action == "revoke") valid[version].erase(event.from.substr(0, event.from.find(' ')));
    const bool enters = event.action == "deploy" || event.action == "rollback" ||
                        (event.action == "alias" && event.subject == "alias production");
    if (enters && valid[event.to].empty())
      found.push_back(std::to_string(event.sequence) + ": " + event.action + " " + event.to);
  }
  return found;
}

TEST_F(Approvals, in_ten_thousand_races_no_version_slips_in_without_approval) {
  constexpr int kRounds = 100, kStepsEach = 25;  // of four threads
  int entered = 0, refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    store_memory::MemoryStore store;
    registry::Registry racing({.metadata = store,
                               .artifacts = artifacts,
                               .packages = packages,
                               .probe = probe,
                               .clock = clock,
                               .log = log,
                               .desired_changed = {},
                               .tokens_changed = {},
                               .rules = rules});
    for (const char* content : {"fraud|a", "fraud|b"}) {
      ASSERT_TRUE(racing.push({.upload = content, .filename = "m.onnx", .model = "fraud"}, eva).ok());
    }
    std::atomic<int> in = 0, out = 0;
    const auto judge = [&](model::VersionNumber version) {
      for (int step = 0; step < kStepsEach; ++step) {
        const auto given = racing.approve(name("fraud"), version, "production", std::nullopt, max);
        ASSERT_TRUE(given.ok()) << message(given);
        const auto taken = racing.revoke_approval(name("fraud"), version, given->id, max);
        ASSERT_TRUE(taken.ok()) << message(taken);
      }
    };
    const auto ship = [&](bool by_alias) {
      for (int step = 0; step < kStepsEach; ++step) {
        const model::VersionNumber version = 1 + static_cast<model::VersionNumber>(step % 2);
        const bool done =
            by_alias
                ? racing.set_alias(name("fraud"), alias("production"), version, std::nullopt, eva).ok()
                : racing.deploy("production", name("fraud"), model::TrafficSplit::all_to(version), std::nullopt, eva)
                      .ok();
        ++(done ? in : out);
      }
    };
    std::vector<std::thread> threads;
    threads.emplace_back(judge, 1);
    threads.emplace_back(judge, 2);
    threads.emplace_back(ship, false);
    threads.emplace_back(ship, true);
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(bypasses(store.trail(0, 100'000).value()), IsEmpty()) << "round " << round;
    entered += in;
    refused += out;
  }
  EXPECT_EQ(entered + refused, kRounds * kStepsEach * 2);
  EXPECT_GT(refused, 0);
}

TEST_F(Approvals, the_judge_of_the_races_sees_a_bypass) {
  const auto version = std::string("version 1");
  std::vector<model::Event> trail = {
      {.sequence = 1, .action = "approve", .subject = "version 1 for production", .to = "apr_1 sha256:0"},
      {.sequence = 2, .action = "deploy", .subject = "production", .to = version}};
  EXPECT_THAT(bypasses(trail), IsEmpty());
  trail.insert(trail.begin() + 1,
               {.sequence = 3, .action = "revoke", .subject = "version 1 for production", .from = "apr_1 sha256:0"});
  EXPECT_EQ(bypasses(trail).size(), 1U);
}

}  // namespace
}  // namespace slipway::registry_scenarios
