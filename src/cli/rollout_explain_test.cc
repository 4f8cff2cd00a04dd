#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/cli_fixture.h"
#include "cli/rollout_sample.h"

namespace slipway::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kRollout = "GET /api/v1/rollouts/7";
constexpr const char* kDecisions = "GET /api/v1/rollouts/7/decisions?limit=500";

TEST_F(Cli, rollout_explain_tells_the_story_and_writes_its_drawings) {
  server.when(kRollout, RolloutSample{}.rollout());
  server.when(kDecisions, RolloutSample::decisions());
  const Ran ran = slipway({"rollout", "explain", "7", "--svg", folder / "a.svg", "--html", folder / "a.html"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("What it needs"));
  EXPECT_THAT(ran.out, HasSubstr("Share of traffic of the candidates"));
  for (const char* name : {"a.svg", "a.html"}) {
    std::ifstream file(folder / name);
    EXPECT_THAT(std::string(std::istreambuf_iterator<char>(file), {}), HasSubstr("</svg>")) << name;
  }
}

TEST_F(Cli, rollout_explain_reads_every_page_of_decisions) {
  server.when(kRollout, RolloutSample{}.rollout());
  server.when(kDecisions, R"({"decisions":[],"next":300})");
  server.when(std::string(kDecisions) + "&before=300", RolloutSample::decisions());
  EXPECT_THAT(slipway({"rollout", "explain", "7"}).out, HasSubstr("started by ann: new features"));
}

TEST_F(Cli, rollout_explain_says_what_it_cannot_do) {
  EXPECT_EQ(slipway({"rollout", "explain", "seven"}).exit, 2);
  server.when(kRollout, RolloutSample{}.rollout());
  server.when(kDecisions, RolloutSample::decisions());
  EXPECT_THAT(slipway({"rollout", "explain", "7", "--svg", "/nowhere/at/all"}).err, HasSubstr("cannot be written"));
  server.when("GET /api/v1/rollouts/8", R"({"rollout":8})");
  server.when("GET /api/v1/rollouts/8/decisions?limit=500", R"({"decisions":[],"next":null})");
  EXPECT_THAT(slipway({"rollout", "explain", "8"}).err, HasSubstr("is not Slipway's"));
}

TEST_F(Cli, rollout_watch_tells_each_change_until_the_end) {
  server.when(kRollout, RolloutSample{}.rollout());
  server.when(kRollout, RolloutSample{}.rollout());
  server.when(kRollout, RolloutSample{.state = "completed", .reason = "done", .holding = ""}.rollout());
  const Ran ran = slipway({"rollout", "watch", "7", "--every", "1ms"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "rollout 7: observing, step 1 of 3, 3 at 99 %, 4 at 1 %: version 4 does harm; now: the step lasts 3m more\n"
            "rollout 7: completed, step 1 of 3, 3 at 99 %, 4 at 1 %: done\n");
}

TEST_F(Cli, rollout_watch_goes_on_while_the_server_is_away) {
  server.when(kRollout, "", "lost");
  server.when(kRollout, "", "lost");
  server.when(kRollout, R"({"error":"starting","code":"NotReady"})", "503");
  server.when(kRollout, RolloutSample{.state = "aborted", .reason = "errors", .holding = ""}.rollout());
  const Ran ran = slipway({"rollout", "watch", "7", "--every", "1ms"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.out, HasSubstr("no answer, trying on: "));
  EXPECT_THAT(ran.out, HasSubstr("trying on: starting"));
  EXPECT_THAT(ran.err, HasSubstr("rollout 7 was aborted: errors"));
}

TEST_F(Cli, rollout_watch_ends_where_there_is_nothing_to_watch) {
  EXPECT_EQ(slipway({"rollout", "watch", "7"}).exit, 1);
  EXPECT_EQ(slipway({"rollout", "watch", "7", "--every", "0s"}).exit, 2);
}

}  // namespace
}  // namespace slipway::cli
