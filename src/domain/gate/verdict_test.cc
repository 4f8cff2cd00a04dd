#include "domain/gate/verdict.h"

#include <gtest/gtest.h>

#include <vector>

#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

using enum Outcome;

Outcome of(std::vector<Outcome> outcomes) {
  std::vector<Evidence> rows;
  for (const Outcome outcome : outcomes) rows.push_back({.outcome = outcome});
  return worst_of(rows);
}

TEST(Verdict, one_failure_fails_and_one_doubt_leaves_it_open) {
  EXPECT_EQ(of({Pass, Pass}), Pass);
  EXPECT_EQ(of({Pass, Inconclusive, Pass}), Inconclusive);
  EXPECT_EQ(of({Inconclusive, Fail, Pass}), Fail);
}

TEST(Verdict, of_nothing_is_inconclusive) {
  EXPECT_EQ(of({}), Inconclusive);
  EXPECT_EQ(conclude({}, "passed", "nothing was declared").reason, "nothing was declared");
}

TEST(Verdict, the_first_of_the_worst_rows_is_the_reason) {
  const Verdict verdict = conclude({{.subject = "a", .outcome = Pass, .detail = "fine"},
                                    {.subject = "b", .outcome = Fail, .detail = "broken"},
                                    {.subject = "c", .outcome = Fail, .detail = "too"}},
                                   "all well", "");
  EXPECT_EQ(verdict.outcome, Fail);
  EXPECT_EQ(verdict.reason, "b: broken (and 1 more)");
  EXPECT_EQ(verdict.evidence.size(), 3U);
}

TEST(Verdict, names_read_back) {
  for (const Outcome outcome : {Pass, Fail, Inconclusive}) EXPECT_EQ(parse_outcome(name_of(outcome)), outcome);
  EXPECT_FALSE(parse_outcome("passed").has_value());
}

TEST(Judgement, a_limit_is_kept_by_what_reaches_it) {
  EXPECT_EQ(at_most({1, 2}, 2), Pass);
  EXPECT_EQ(at_most({1, 2.1}, 2), Inconclusive);
  EXPECT_EQ(at_most({2, 3}, 2), Inconclusive);
  EXPECT_EQ(at_most({2.1, 3}, 2), Fail);
  EXPECT_EQ(at_least({2, 3}, 2), Pass);
  EXPECT_EQ(at_least({1, 2}, 2), Inconclusive);
  EXPECT_EQ(at_least({1, 1.9}, 2), Fail);
}

TEST(Judgement, the_rows_needed_grow_with_the_square_of_the_distance) {
  EXPECT_EQ(rows_needed(100, 0.9, 0.8, 0.85), "about 400 rows in all would decide it if 0.9 stays the value");
  EXPECT_NE(rows_needed(100, 0.9, 0.8, 0.9).find("no number of rows"), std::string::npos);
}

struct Failures {
  std::uint64_t failures, cases;
  double most;
  Outcome outcome;
};

TEST(Judgement, a_rate_of_failures_passes_only_by_its_bound) {
  for (const auto& [failures, cases, most, outcome] : std::vector<Failures>{
           {0, 299, 0.01, Pass},          // ln 0.05 / ln 0.99 = 298.07
           {0, 298, 0.01, Inconclusive},  // one case too few
           {1, 299, 0.01, Inconclusive},
           {20, 299, 0.01, Fail},
           {0, 1, 0, Pass},  // none is allowed, none was seen
           {1, 100'000, 0, Fail},
           {0, 0, 0.5, Inconclusive},
           {5, 3, 0.5, Inconclusive},  // counts that cannot be
       }) {
    const Evidence row = judge_failures("t", {failures, cases}, {.most = most}, 1);
    EXPECT_EQ(row.outcome, outcome) << failures << '/' << cases << " against " << most << ": " << row.detail;
    EXPECT_FALSE(row.detail.empty());
  }
}

TEST(Judgement, among_many_rows_failing_takes_stronger_evidence) {
  const stats::Rate failures{7, 100};  // at most 2 % allowed: p about 0.004
  EXPECT_EQ(judge_failures("t", failures, {.most = 0.02}, 1).outcome, Fail);
  EXPECT_EQ(judge_failures("t", failures, {.most = 0.02}, 100).outcome, Inconclusive);
}

}  // namespace
}  // namespace slipway::gate
