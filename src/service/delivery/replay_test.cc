#include "service/delivery/replay.h"

#include "service/delivery/test_delivery.h"

namespace slipway::delivery {
namespace {

class DeliveryReplay : public DeliveryTest {
 protected:
  // A rollout that is paused, goes on, and goes back.
  void SetUp() override {
    ASSERT_EQ(start(request()), "started");
    run(5);
    ASSERT_EQ(command(rollout::PauseNow{}), "done");
    ASSERT_EQ(command(rollout::Resume{}), "done");
    run(30);
    evidence.said = {model::Verdict::Fail, false, "worse"};
    run(5);
    ASSERT_EQ(state().state, rollout::State::Aborted);
    decisions = store.memory.decisions(1, 0, 100).value();
    std::ranges::reverse(decisions);
  }
  std::vector<ReplayedDecision> again() { return replay(decisions, std::nullopt, plans, judge_again); }
  // The first that is not the same, and why.
  std::string first_difference() {
    for (const ReplayedDecision& each : again()) {
      if (each.is_same()) continue;
      const std::string number = std::to_string(each.number) + ": ";
      if (!each.failure.empty()) return number + each.failure;
      return number + each.differences[0].what + ", " + each.differences[0].recorded + ", " + each.differences[0].again;
    }
    return "all the same";
  }
  void change(std::size_t number, const std::string& from, const std::string& to) {
    std::string& basis = decisions[number - 1].basis;
    ASSERT_NE(basis.find(from), std::string::npos) << basis;
    basis.replace(basis.find(from), from.size(), to);
  }
  std::vector<ports::RolloutDecision> decisions;
  JudgeAgain judge_again = [](std::string_view, std::string_view kept) -> Result<std::vector<rollout::Evidence>> {
    return std::vector<rollout::Evidence>{kept.find("worse") != std::string_view::npos
                                              ? rollout::Evidence{model::Verdict::Fail, false, "worse"}
                                              : rollout::Evidence{model::Verdict::Pass, true, "equal"}};
  };
};

TEST_F(DeliveryReplay, makes_every_decision_of_a_rollout_again) {
  ASSERT_GE(decisions.size(), 8u);
  EXPECT_EQ(first_difference(), "all the same");
  const auto judged = again();
  EXPECT_FALSE(judged.front().is_judged) << "a start looks at no evidence";
  EXPECT_TRUE(judged[decisions.size() - 2].is_judged) << "what went back does";
}

TEST_F(DeliveryReplay, finds_a_record_that_was_changed) {
  decisions[4].reason = "somebody's own words";
  EXPECT_EQ(first_difference().substr(0, 31), "5: reason, somebody's own words");
}

TEST_F(DeliveryReplay, finds_a_basis_that_does_not_go_on_from_the_decision_before) {
  change(5, "approved -", "approved 3");
  EXPECT_EQ(first_difference(), "5: before it: approved, none, 3");
}

TEST_F(DeliveryReplay, finds_a_verdict_that_its_records_do_not_give) {
  const std::size_t back = decisions.size() - 1;
  decisions[back - 1].evidence = "{\"looks\": 12}";
  EXPECT_EQ(first_difference(), std::to_string(back) + ": evidence of candidate 1: verdict, fail, pass");
  decisions[back - 1].evidence = "";
  EXPECT_EQ(first_difference(), std::to_string(back) + ": evidence, a verdict, nothing was kept that it rests on");
}

TEST_F(DeliveryReplay, says_what_is_missing) {
  decisions.erase(decisions.begin() + 3);
  EXPECT_EQ(first_difference(), "5: expected decision 4 before it, found none");
  decisions.erase(decisions.begin());
  EXPECT_EQ(first_difference(), "2: the rollout's plan is not known: it stands in the first decision");
  decisions[0].basis.clear();
  EXPECT_EQ(first_difference(), "2: nothing was kept of what it was made from");
}

}  // namespace
}  // namespace slipway::delivery
