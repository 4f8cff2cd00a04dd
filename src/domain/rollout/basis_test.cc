#include "domain/rollout/basis.h"

#include "domain/rollout/rollout_fixture.h"
#include "domain/rollout/traffic_text.h"

namespace slipway::rollout {
namespace {

Basis full_basis() {
  World world({{{Bandit{}}}}, {2, 3});
  Basis basis{.now = kMonday, .before = *world.rollout, .sight = world.sight};
  basis.before.reason = "two\nlines and a \\";
  basis.before.paused.emplace(Pause{"ann", "lunch"});
  basis.before.wanted = {{{1, {9'000}}, {2, {500}}, {3, {500}}}, {2'500}};
  basis.before.dwelt = Duration(1'234'567'891);
  basis.before.approved = 3;
  basis.before.frozen = {true, false};
  basis.before.winner = 2;
  basis.before.late.emplace(basis.before.wanted);
  basis.before.rehearsal.emplace(Rehearsal{basis.before.wanted, kMonday});
  basis.sight.unapproved = "2 approvals are expected,\nfound max";
  basis.sight.evidence = {{model::Verdict::Fail, false, "errors\ngrew"}, {model::Verdict::Pass, true, ""}};
  basis.sight.rewards = {{1.0 / 3, 0.1 + 0.2, 5e-324, false}, {1e300, -0.0, 2, false}, {0, 0, 0, false}};
  return basis;
}

TEST(Basis, comes_back_from_its_text_to_the_last_bit) {
  const Basis basis = full_basis();
  const auto read = parse_basis(text_of(basis));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->before, basis.before);
  EXPECT_EQ(read->sight.served, basis.sight.served);
  EXPECT_EQ(read->sight.unapproved, basis.sight.unapproved);
  EXPECT_EQ(read->sight.rewards, basis.sight.rewards);
  EXPECT_EQ(read->sight.evidence[0].reason, "errors\ngrew");
  EXPECT_EQ(text_of(*read), text_of(basis));
}

TEST(Basis, of_a_version_that_knew_nothing_of_words_is_read) {
  Basis basis = full_basis();
  basis.sight.unapproved.clear();
  const std::string text = text_of(basis);
  EXPECT_EQ(text.find("unapproved"), std::string::npos);
  const auto read = parse_basis(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->sight.unapproved, "");
}

TEST(Basis, keeps_every_command) {
  for (const Command& command : std::vector<Command>{PauseNow{}, Resume{}, Promote{}, Promote{true}, Abort{},
                                                     SetWeight{{2'500}}, Approve{}, Drill{kMonday}}) {
    Basis basis = full_basis();
    basis.occasion = Occasion::Asked;
    basis.command = command;
    basis.person = {"ben", "seen enough"};
    const auto read = parse_basis(text_of(basis));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->command->index(), command.index());
    EXPECT_EQ(text_of(*read), text_of(basis));
  }
}

TEST(Basis, a_text_that_is_none_is_refused_with_its_line) {
  const std::string whole = text_of(full_basis());
  const auto says = [](const std::string& text) { return parse_basis(text).error().message; };
  EXPECT_EQ(says(""), "line 1: expected basis of a decision, 1, found \"\"");
  EXPECT_EQ(says("basis of a decision, 1\noccasion walk\n"),
            "line 2: expected occasion start, look, command or withdrawal, found \"occasion walk\"");
  EXPECT_EQ(says(whole + "more\n").substr(0, 4), "line");
  for (std::size_t cut = 0; cut + 1 < whole.size(); cut += 3)
    EXPECT_FALSE(parse_basis(whole.substr(0, cut)).ok()) << cut;
  std::string other = whole;
  other.replace(other.find("verdict fail"), 12, "verdict good");
  EXPECT_NE(says(other).find("expected verdict and pass, fail or inconclusive, found \"verdict good\""),
            std::string::npos);
}

TEST(Basis, an_amount_that_its_command_does_not_take_is_refused) {
  Basis basis = full_basis();
  basis.occasion = Occasion::Asked;
  basis.command = PauseNow{};
  std::string text = text_of(basis);
  text.replace(text.find("amount 0"), 8, "amount 7");
  EXPECT_FALSE(parse_basis(text).ok());
}

}  // namespace
}  // namespace slipway::rollout
