// card, lineage, tag, describe, compare: what is told of a version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cli/cli_fixture.h"

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Cli, card_prints_the_text_and_complains_of_what_is_missing) {
  server.when("GET /api/v1/models/wine", R"({"versions":[{"version":1},{"version":4}]})");
  server.when("GET /api/v1/models/wine/versions/4/card",
              R"({"source":"MODEL_CARD.md","markdown":"# Owner\nEva\n","sections":{},"missing":["data","licence"]})");
  const Ran ran = slipway({"card", "wine"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out, "# Owner\nEva\n");
  EXPECT_THAT(ran.err, HasSubstr("does not tell: data, licence"));
}

TEST_F(Cli, lineage_is_text_or_a_drawing) {
  server.when("GET /api/v1/models/wine/versions/3/lineage",
              R"({"versions":[{"model":"wine","version":3,"present":true,"stage":"validated","built_by":"ci",)"
              R"("created_at":"2026-11-21T10:00:00Z","run_id":"abc","data":{"train":"sha256:12"},"parent":"2"},)"
              R"({"model":"wine","version":2,"present":false,"data":{}}]})");
  EXPECT_EQ(slipway({"lineage", "wine:3"}).out,
            "wine:3  validated, 2026-11-21, built by ci\n|  run  abc\n|  data train  sha256:12\n"
            "   from wine:2  not in this registry\n");
  EXPECT_EQ(slipway({"lineage", "wine:3", "--svg", folder / "wine.svg"}).exit, 0);
  std::ifstream drawing(folder / "wine.svg");
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(drawing), {}), HasSubstr(">wine:2</text>"));
  EXPECT_EQ(slipway({"lineage", "wine:3", "--svg", folder / "no/where.svg"}).exit, 1);
}

TEST_F(Cli, tag_sets_removes_and_shows) {
  const std::string answer = R"({"description":"","tags":{"team":"risk","url":"a=b"}})";
  server.when("PATCH /api/v1/models/wine/versions/2/annotations", answer);
  server.when("GET /api/v1/models/wine/annotations", answer);
  EXPECT_EQ(slipway({"tag", "wine:2", "team=risk", "url=a=b", "--remove", "draft", "--reason", "tidy"}).out,
            "team=risk\nurl=a=b\n");
  EXPECT_EQ(server.seen().back().body, R"({"reason":"tidy","tags":{"draft":null,"team":"risk","url":"a=b"}})");
  EXPECT_EQ(slipway({"tag", "wine"}).out, "team=risk\nurl=a=b\n");
  EXPECT_THAT(slipway({"tag", "wine", "team"}).err, HasSubstr("expected KEY=VALUE, found \"team\""));
}

TEST_F(Cli, describe_sets_and_shows) {
  server.when("PATCH /api/v1/models/wine/annotations", R"({"description":"scores wine","tags":{}})");
  server.when("GET /api/v1/models/wine/annotations", R"({"description":"scores wine","tags":{}})");
  EXPECT_EQ(slipway({"describe", "wine", "scores wine"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"description":"scores wine"})");
  EXPECT_EQ(slipway({"describe", "wine"}).out, "scores wine\n");
}

std::string compared_version(int number, const std::string& digest, const std::string& metrics) {
  return R"({"model":"wine","version":)" + std::to_string(number) + R"(,"stage":"validated","reason":"","digest":")" +
         digest + R"(","created_at":"x","created_by":"eva","files":[{"size":40},{"size":2}],"verification":null,)" +
         R"("manifest":{"format":"onnx","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2],"optional":true}],)" +
         R"("outputs":[],"batching":{"max_batch":64},"labels":{},"lineage":{"parameters":{},"metrics":)" + metrics +
         "}}}";
}

TEST_F(Cli, compare_shows_what_differs_and_by_how_much) {
  server.when("GET /api/v1/models/wine/versions/1", compared_version(1, "sha256:1", R"({"auc":0.75,"old":1})"));
  server.when("GET /api/v1/models/wine/versions/2", compared_version(2, "sha256:2", R"({"auc":0.875})"));
  server.when("GET /api/v1/models/wine/versions/1/evidence?limit=1", R"({"evidence":[]})");
  server.when("GET /api/v1/models/wine/versions/2/evidence?limit=1",
              R"({"evidence":[{"verdict":"pass","body":"{\"gates\":[{\"gate\":\"latency\",\"outcome\":\"pass\",)"
              R"(\"evidence\":[{\"subject\":\"p99\",\"found\":120.5}]}]}"}]})");
  const std::string table = slipway({"compare", "wine:1", "wine:2"}).out;
  EXPECT_THAT(table, ::testing::ContainsRegex("gate latency +- +pass"));
  EXPECT_THAT(table, ::testing::ContainsRegex("gate latency: p99 +- +120.5"));
  EXPECT_THAT(table, ::testing::ContainsRegex("gates +- +pass"));
  EXPECT_THAT(table, ::testing::ContainsRegex("metric auc +0.75 +0.875 +\\+0.125\n"));
  EXPECT_THAT(table, ::testing::ContainsRegex("metric old +1 +-"));
  EXPECT_THAT(table, Not(HasSubstr("size")));
  EXPECT_THAT(slipway({"compare", "wine:1", "wine:2", "--all"}).out,
              ::testing::ContainsRegex("inputs +x FP32\\[-1,2\\]\\? "));
  EXPECT_THAT(slipway({"compare", "wine:1", "wine:2", "--json"}).out, HasSubstr("\"difference\": 0.125"));
  EXPECT_THAT(slipway({"compare", "wine:1", "wine"}).err, HasSubstr("expected NAME:VERSION or NAME@ALIAS"));
}

}  // namespace
}  // namespace slipway::cli
