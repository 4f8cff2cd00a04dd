// A version is Registered until its gates have passed; what they found is kept, and approvals are bound to it.
#include <gmock/gmock.h>

#include "house.h"

namespace slipway::registry_scenarios {
namespace {

using registry::Author;
using testing::ElementsAre;
using testing::HasSubstr;
using Phase = registry::GateQueue::Standing::Phase;

class Gates : public House {
 protected:
  using Verdict = model::Verdict;
  void SetUp() override { gates.asks = true; }
  void answer(const std::string& content, Verdict verdict, std::string reason) {
    gates.answers[content] = {.verdict = verdict, .reason = std::move(reason), .plan = {}, .body = ""};
  }
  void interrupt(const std::string& content) {
    answer(content, Verdict::Inconclusive, "stopped");
    gates.answers[content].interrupted = true;
  }
  registry::Registry::GateStanding standing(model::VersionNumber number = 1) {
    return registry->evidence(name("fraud"), number, 0, 100).value();
  }
  Phase phase(model::VersionNumber number = 1) { return standing(number).now.phase; }
  Result<registry::Registry::GateStanding> ask(model::VersionNumber number = 1) {
    return registry->ask_gates(name("fraud"), number, {"max", "again"});
  }
  void given_passed(const std::string& content) {
    pushed(content);
    registry->run_waiting_gates();
  }
};

TEST_F(Gates, a_verified_version_waits_for_them_and_the_push_does_not) {
  EXPECT_EQ(pushed("weights"), 1U);
  EXPECT_EQ(stage_of(1), "registered");
  EXPECT_EQ(reason_of(1), "verified, waits for its gates");
  EXPECT_EQ(phase(), Phase::Waiting);
  EXPECT_EQ(gates_wanted, 1);
}

TEST_F(Gates, the_verdict_decides_the_stage_and_the_evidence_stays) {
  const struct {
    Verdict verdict;
    const char *stage, *reason;
  } rows[] = {{Verdict::Pass, "validated", ""},
              {Verdict::Fail, "rejected", "why"},
              {Verdict::Inconclusive, "registered", "why"}};
  for (const auto& row : rows) {
    answer(row.stage, row.verdict, row.verdict == Verdict::Pass ? "" : "why");
    const auto number = pushed(row.stage);
    registry->run_waiting_gates();
    EXPECT_EQ(stage_of(number), row.stage);
    EXPECT_EQ(reason_of(number), row.reason);
    ASSERT_EQ(standing(number).evidence.size(), 1U);
    EXPECT_EQ(standing(number).evidence[0].verdict, row.verdict);
    EXPECT_EQ(standing(number).evidence[0].actor, "eva");
    EXPECT_EQ(phase(number), Phase::Idle);
  }
}

TEST_F(Gates, a_model_without_a_plan_is_validated_by_its_verification) {
  pushed("weights", "other");
  EXPECT_EQ(stage_of(1, "other"), "validated");
  EXPECT_EQ(outcome(registry->ask_gates(name("other"), 1, eva)), "NotFound");
}

TEST_F(Gates, a_version_that_fails_its_verification_is_never_asked) {
  probe.answer("weights", ports::ProbeOutcome::Verdict::Failed, "broken");
  pushed("weights");
  EXPECT_EQ(stage_of(1), "rejected");
  EXPECT_EQ(gates_wanted, 0);
  EXPECT_EQ(outcome(ask()), "Conflict");
}

TEST_F(Gates, the_history_tells_the_verdict_and_what_it_did) {
  answer("weights", Verdict::Fail, "gate quality: accuracy");
  given_passed("weights");
  const auto events = registry->history("fraud", 0, 2).value();
  EXPECT_EQ(events[0].action, "reject");
  EXPECT_EQ(events[0].reason, "gate quality: accuracy");
  EXPECT_EQ(events[1].action, "gates");
  EXPECT_EQ(events[1].to, "fail sha256:" + standing().evidence[0].body_digest.hex());
}

TEST_F(Gates, an_inconclusive_version_is_validated_when_asked_again) {
  answer("weights", Verdict::Inconclusive, "too few rows");
  given_passed("weights");
  gates.answers.clear();
  ASSERT_EQ(message(ask()), "ok");
  EXPECT_EQ(reason_of(1), "verified, waits for its gates");
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(1), "validated");
  EXPECT_THAT(standing().evidence[0].sequence, 2U);
  EXPECT_EQ(standing().evidence[0].actor, "max");
}

TEST_F(Gates, a_validated_version_that_fails_later_stays_and_its_evidence_says_so) {
  given_passed("weights");
  answer("weights", Verdict::Fail, "worse than live");
  ASSERT_EQ(message(ask()), "ok");
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(1), "validated");
  EXPECT_EQ(standing().evidence[0].verdict, Verdict::Fail);
}

TEST_F(Gates, they_compare_with_what_production_serves_most) {
  given_passed("one");
  live(1);
  given_passed("two");
  given_passed("three");
  const auto split = model::TrafficSplit::parse({{2, {4000}}, {1, {6000}}}).value();
  ASSERT_EQ(message(registry->deploy("production", name("fraud"), split, {}, eva)), "ok");
  given_passed("four");
  ASSERT_EQ(message(ask(1)), "ok");  // the version with most traffic itself: then with the next
  registry->run_waiting_gates();
  EXPECT_THAT(gates.compared_with, ElementsAre(0U, 1U, 1U, 1U, 2U));
}

TEST_F(Gates, one_that_waits_or_runs_is_not_asked_twice) {
  pushed("weights");
  ASSERT_EQ(message(ask()), "ok");
  gates.before_answer = [&] {
    EXPECT_EQ(phase(), Phase::Running);
    EXPECT_EQ(standing().now.doing, "measuring");
    EXPECT_EQ(message(ask()), "ok");
    EXPECT_EQ(pushed("weights"), 1U);  // the same content again
    registry->run_waiting_gates();     // another thread: one at a time
  };
  registry->run_waiting_gates();
  EXPECT_EQ(gates.compared_with.size(), 1U);
  EXPECT_EQ(probe.probed, 1);
}

TEST_F(Gates, what_the_servers_end_cut_off_is_asked_after_the_next_start) {
  interrupt("weights");
  given_passed("weights");
  EXPECT_EQ(reason_of(1), "verified, waits for its gates");
  EXPECT_TRUE(standing().evidence.empty());
  restart();
  gates.answers.clear();
  EXPECT_EQ(registry->verify_interrupted().value(), 1U);
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(1), "validated");
  EXPECT_EQ(probe.probed, 1);
}

TEST_F(Gates, a_run_that_takes_the_server_down_gets_one_more_try_and_no_third) {
  pushed("weights");
  restart();
  std::string found;
  gates.before_answer = [&] { found = reason_of(1); };  // what a start would find after a crash in here
  EXPECT_EQ(registry->verify_interrupted().value(), 1U);
  registry->run_waiting_gates();
  EXPECT_THAT(found, HasSubstr("cut off by the server's end"));
  EXPECT_EQ(stage_of(1), "validated");
}

TEST_F(Gates, a_stop_in_the_second_try_leaves_it_for_the_next_start) {
  interrupt("weights");
  pushed("weights");
  restart();
  EXPECT_EQ(registry->verify_interrupted().value(), 1U);
  registry->run_waiting_gates();
  EXPECT_EQ(reason_of(1), "verified, waits for its gates");
}

TEST_F(Gates, what_may_not_be_recorded_now_is_asked_again) {
  pushed("weights");
  may_record = false;
  registry->run_waiting_gates();
  EXPECT_EQ(phase(), Phase::Waiting);
  EXPECT_TRUE(standing().evidence.empty());
  may_record = true;
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(1), "validated");
}

TEST_F(Gates, what_the_store_did_not_take_is_asked_again_after_a_while) {
  pushed("one");
  pushed("two");
  metadata.is_away = true;
  registry->run_waiting_gates();
  EXPECT_EQ(gates.compared_with.size(), 1U);
  EXPECT_EQ(phase(1), Phase::Waiting);
  EXPECT_EQ(phase(2), Phase::Waiting);
  EXPECT_FALSE(registry->are_gates_due());
  clock.advance(std::chrono::seconds(30));
  EXPECT_TRUE(registry->are_gates_due());
  registry->run_waiting_gates();  // still away: a longer while
  clock.advance(std::chrono::seconds(59));
  EXPECT_FALSE(registry->are_gates_due());
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(registry->are_gates_due());
  metadata.is_away = false;
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(1), "validated");
  EXPECT_EQ(stage_of(2), "validated");
  EXPECT_FALSE(registry->are_gates_due());
}

TEST_F(Gates, a_plan_that_is_gone_lets_waiting_versions_through) {
  pushed("weights");
  gates.asks = false;
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(1), "validated");
  EXPECT_TRUE(standing().evidence.empty());
}

TEST_F(Gates, a_version_removed_meanwhile_leaves_the_others_their_turn) {
  pushed("one");
  pushed("two");
  gates.before_answer = [&] {
    gates.before_answer = {};
    ASSERT_EQ(message(registry->remove_version(name("fraud"), 1, eva)), "ok");
  };
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(1), "NotFound");
  EXPECT_EQ(stage_of(2), "validated");
}

TEST_F(Gates, more_than_the_queue_holds_are_told_to_ask_again) {
  for (std::size_t i = 0; i <= registry::GateQueue::kMost; ++i) pushed("weights " + std::to_string(i));
  const model::VersionNumber last = registry::GateQueue::kMost + 1;
  EXPECT_THAT(reason_of(last), HasSubstr("too many versions"));
  EXPECT_EQ(outcome(ask(last)), "Overloaded");
  registry->run_waiting_gates();
  ASSERT_EQ(message(ask(last)), "ok");
  registry->run_waiting_gates();
  EXPECT_EQ(stage_of(last), "validated");
}

TEST_F(Gates, no_way_leads_to_more_evidence_than_is_kept_of_a_version) {
  answer("weights", Verdict::Inconclusive, "too few rows");
  given_passed("weights");
  for (int i = 1; i < 200; ++i) {
    ASSERT_EQ(message(ask()), "ok");
    registry->run_waiting_gates();
  }
  const auto asked = gates.compared_with.size();
  EXPECT_EQ(outcome(ask()), "Overloaded");
  ASSERT_EQ(message(registry->verify(name("fraud"), 1, eva)), "ok");  // whose end asks the gates
  registry->run_waiting_gates();
  pushed("weights");
  registry->run_waiting_gates();
  EXPECT_EQ(gates.compared_with.size(), asked);
  EXPECT_EQ(registry->evidence(name("fraud"), 1, 0, 1).value().evidence.at(0).sequence, 200U);
  EXPECT_THAT(reason_of(1), HasSubstr("200 pieces of evidence"));
}

TEST_F(Gates, evidence_comes_in_pages_of_some_mebibytes) {
  gates.padding = std::string(3 << 20, ' ');
  given_passed("weights");
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(message(ask()), "ok");
    registry->run_waiting_gates();
  }
  std::vector<std::uint64_t> sequences, ends;
  std::uint64_t next = 0;
  do {
    const auto page = registry->evidence(name("fraud"), 1, next, 100).value();
    for (const auto& record : page.evidence) sequences.push_back(record.sequence);
    ends.push_back(next = page.next);
  } while (next != 0);
  EXPECT_THAT(sequences, ElementsAre(5U, 4U, 3U, 2U, 1U));
  EXPECT_THAT(ends, ElementsAre(4U, 2U, 0U));
  EXPECT_EQ(registry->evidence(name("fraud"), 1, 0, 1).value().next, 5U);
}

class RequiredEvidence : public Gates {
 protected:
  void SetUp() override {
    Gates::SetUp();
    given_passed("weights");
    governance::Policy policy{.models = access::NamePattern::parse("*").value(),
                              .environment = "production",
                              .approvals = 1,
                              .needs_evidence = true,
                              .aliases = {alias("production")}};
    rules = {{policy}};
    restart();
  }
  Result<ports::ApprovalRecord> approve() {
    return registry->approve(name("fraud"), 1, "production", std::nullopt, {"max", "reviewed"});
  }
  void asked_again(Verdict verdict) {
    answer("weights", verdict, "why");
    ASSERT_EQ(message(ask()), "ok");
    registry->run_waiting_gates();
  }
};

TEST_F(RequiredEvidence, an_approval_upon_evidence_that_passed_lets_it_in) {
  ASSERT_EQ(message(approve()), "ok");
  EXPECT_EQ(message(deploy(1)), "ok");
}

TEST_F(RequiredEvidence, without_it_nobody_can_approve) {
  asked_again(Verdict::Fail);
  EXPECT_THAT(message(approve()), HasSubstr("expects gate evidence that passed, found evidence that did not"));
}

TEST_F(RequiredEvidence, evidence_that_came_after_the_approval_asks_for_another_one) {
  ASSERT_EQ(message(approve()), "ok");
  asked_again(Verdict::Pass);
  EXPECT_THAT(message(deploy(1)), HasSubstr("upon other evidence: max"));
  ASSERT_EQ(message(approve()), "ok");
  EXPECT_EQ(message(deploy(1)), "ok");
}

TEST_F(RequiredEvidence, evidence_and_a_deployment_exclude_each_other) {
  ASSERT_EQ(message(approve()), "ok");
  const auto before = metadata.model(name("fraud")).value()->revision;
  asked_again(Verdict::Fail);
  EXPECT_GT(metadata.model(name("fraud")).value()->revision, before);
  EXPECT_EQ(outcome(deploy(1)), "Conflict");
}

}  // namespace
}  // namespace slipway::registry_scenarios
