// slipway rollout plan: the schedule, what each step takes, and the chances of deciding wrongly.
#include <gmock/gmock.h>

#include <fstream>

#include "cli/cli_fixture.h"

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kPlan = "POST /api/v1/rollout-plan";
constexpr const char* kStats = "GET /v2/models/fraud/stats";

std::string plan_answer(const std::string& seconds) {
  return R"({"plan_digest":"sha256:00","steps":[
{"stage":1,"weight":1000,"mirrored":0,"dwell_seconds":300,"needs":"power","approval":false,"adaptive":false},
{"stage":1,"weight":10000,"mirrored":0,"dwell_seconds":0,"needs":"nothing","approval":true,"adaptive":false}],
"promotes_by_itself":true,"rolls_back_by_itself":true,"approval_to_complete":false,"windows":[],
"forecast":{"seconds":)" +
         seconds + R"(,"steps":[{"requests":24100,"metric":"error_rate","why":"","seconds":)" + seconds +
         R"(},{"requests":0,"metric":"","why":"","seconds":0}],"false_rollback":0.05,"false_promotion":0.05,"power":0.8,
"harm":[{"metric":"error_rate","effect":"2 times as many","found":0.9},{"metric":"revenue","effect":"x","found":null}],
"fuse":{"errors":11,"window":20,"false_alarm":5.3e-10}}})";
}

std::string stats(int good, int bad) {
  return R"({"model_stats":[{"name":"fraud","version":"3","inference_stats":{"success":{"count":)" +
         std::to_string(good) + R"(,"ns":1},"fail":{"count":)" + std::to_string(bad) + R"(,"ns":1}}}]})";
}

TEST_F(Cli, rollout_plan_shows_what_each_step_takes_and_the_chances) {
  server.when(kPlan, plan_answer("12050"));
  const Ran ran = slipway({"rollout", "plan", "--preset", "canary", "--rate", "2", "--error-rate", "0.5%"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("1     1      10 %    0 %       5 min     power    24,100    3.3 h"));
  EXPECT_THAT(ran.out,
              HasSubstr("At 2 requests per second, as you say, and 0.5 % of the answers failing: about 3.3 h"));
  EXPECT_THAT(ran.out, HasSubstr("rolled back with a chance of at most 5 %"));
  EXPECT_THAT(ran.out, HasSubstr("before the end, with a chance of 10 %: error_rate, 2 times as many"));
  EXPECT_THAT(ran.out, HasSubstr("11 errors in 20 answers"));
  EXPECT_THAT(ran.out, Not(HasSubstr("revenue")));
  EXPECT_THAT(server.seen().back().body, HasSubstr(R"("error_rate":0.005)"));
  EXPECT_THAT(server.seen().back().body, HasSubstr(R"("requests_per_second":2.0)"));
}

TEST_F(Cli, rollout_plan_promises_nothing_of_worse_versions_where_nothing_is_asked) {
  std::string answer = plan_answer("60");
  const std::string promise = R"("false_promotion":0.05)";
  answer.replace(answer.find(promise), promise.size(), R"("false_promotion":null)");
  server.when(kPlan, answer);
  const Ran ran = slipway({"rollout", "plan", "--preset", "blue_green", "--rate", "2"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("nothing is asked before it is promoted"));
  EXPECT_THAT(ran.out, Not(HasSubstr("worse by a margin")));
  EXPECT_THAT(ran.out, Not(HasSubstr("alpha_over")));
}

TEST_F(Cli, rollout_plan_says_that_alpha_of_all_rollouts_is_told_of_the_first) {
  std::string answer = plan_answer("60");
  answer.insert(answer.find("\"false_promotion\""), R"("alpha_over":"model",)");
  server.when(kPlan, answer);
  EXPECT_THAT(slipway({"rollout", "plan", "--preset", "canary", "--rate", "2"}).out,
              HasSubstr("alpha_over: model: these numbers are of the model's first rollout"));
}

TEST_F(Cli, rollout_plan_names_the_file_that_is_wrong) {
  std::ofstream(folder / "p.yaml") << "stages: []\n";
  server.when(kPlan, R"({"error":"plan:1:9: expected a stage","code":"InvalidInput"})", "400");
  const Ran ran = slipway({"rollout", "plan", "--plan", folder / "p.yaml"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr((folder / "p.yaml") + ":1:9: expected a stage"));
}

TEST_F(Cli, rollout_plan_counts_units_where_the_plan_does) {
  std::string answer = plan_answer("60");
  answer.insert(answer.find("\"seconds\":60"), "\"counts\":\"units\",");
  server.when(kPlan, answer);
  const Ran ran = slipway({"rollout", "plan", "--preset", "canary", "--rate", "2"});
  EXPECT_THAT(ran.out, HasSubstr("UNITS   ABOUT"));
  EXPECT_THAT(ran.out, HasSubstr("A unit counts once: ABOUT is the least"));
}

TEST_F(Cli, rollout_plan_without_a_rate_says_how_to_get_the_times) {
  server.when(kPlan, plan_answer("null"));
  const Ran ran = slipway({"rollout", "plan", "--preset", "canary", "--dry-run"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("power    24,100    ?"));
  EXPECT_THAT(ran.out, HasSubstr("--model NAME measures its requests"));
}

TEST_F(Cli, rollout_plan_takes_the_share_of_failures_from_the_model) {
  server.when(kPlan, plan_answer("60"));
  server.when(kStats, stats(995, 5));
  const Ran ran = slipway({"rollout", "plan", "--preset", "canary", "--model", "fraud", "--measure", "1ms"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(server.seen().back().body, HasSubstr(R"("error_rate":0.005)"));
  EXPECT_THAT(server.seen().back().body, Not(HasSubstr("requests_per_second"))) << "none came meanwhile";
}

TEST_F(Cli, rollout_plan_refuses_what_is_no_number) {
  for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{
           {"--rate", "fast"}, {"--rate", "0"}, {"--error-rate", "-1"}, {"--error-rate", "1%%"}}) {
    const Ran ran = slipway({"rollout", "plan", "--preset", "canary", option, value});
    EXPECT_EQ(ran.exit, 2) << option << value;
    EXPECT_THAT(ran.err, HasSubstr(option + ": expected"));
  }
  EXPECT_THAT(slipway({"rollout", "plan"}).err, HasSubstr("expected either --plan FILE or --preset NAME"));
}

}  // namespace
}  // namespace slipway::cli
