#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "cli/cli_fixture.h"

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kVersion = R"({"created":true,"version":{"model":"wine","version":3,"stage":"validated","reason":"",
  "digest":"sha256:00","created_at":"2026-11-21T10:00:00.000000Z","created_by":"admin"}})";

std::string desired(int revision, const std::string& state, const std::string& reason = "") {
  return R"({"environment":"production","model":"wine","revision":)" + std::to_string(revision) +
         R"(,"split":[{"version":3,"share":10000}],"states":[{"model":"wine","version":3,"state":")" + state +
         R"(","reason":")" + reason + R"("}]})";
}

TEST_F(Cli, without_words_shows_the_commands_and_exits_2) {
  const Ran ran = slipway({});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.out, HasSubstr("push "));
}

TEST_F(Cli, help_of_every_command_has_a_usage_line_and_an_example) {
  for (const char* name : {"push", "models", "show", "deploy", "rollback", "undeploy", "alias", "predict", "retire",
                           "rename", "delete", "status", "token", "version", "completion"}) {
    const Ran ran = slipway({name, "--help"});
    EXPECT_EQ(ran.exit, 0) << name;
    EXPECT_THAT(ran.out, HasSubstr("Usage: slipway " + std::string(name))) << name;
    EXPECT_THAT(ran.out, HasSubstr("Examples:")) << name;
  }
}

TEST_F(Cli, a_mistyped_command_gets_a_suggestion) {
  const Ran ran = slipway({"depoly", "wine"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("expected a command, found \"depoly\"; did you mean deploy?"));
}

TEST_F(Cli, wrong_usage_names_what_was_expected_and_exits_2) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> table = {
      {{"deploy"}, "expected NAME"},
      {{"deploy", "wine", "--wiat"}, "did you mean --wait?"},
      {{"deploy", "wine", "more"}, "expected no more words, found \"more\""},
      {{"deploy", "wine:0"}, "expected a version of 1 or more after ':', found \"0\""},
      {{"deploy", "wine", "--split", "3=x"}, "expected VERSION=PERCENT parts such as 3=90,4=10, found \"3=x\""},
      {{"deploy", "wine", "--wait", "--timeout", "soon"}, "expected seconds between 0 and 86400, found \"soon\""},
      {{"push", "--name"}, "--name: expected a value, found nothing"},
      {{"push", "/nowhere/at/all"}, "cannot read \"/nowhere/at/all\": No such file"},
      {{"token"}, "expected a subcommand of slipway token"},
      {{"token", "create", "ci", "--role", "king"}, "found \"king\""},
      {{"token", "create", "ci", "--role", "viewer", "--expires", "soon"}, "such as 12h or 30d"},
      {{"alias", "set", "wine", "champion"}, "expected NAME:VERSION or NAME@ALIAS, found \"wine\""},
      {{"pull", "wine"}, "expected NAME:VERSION or NAME@ALIAS, found \"wine\""},
      {{"retire", "wine"}, "expected NAME:VERSION, found no version in \"wine\""},
      {{"retire", "wine@champion"}, "expected NAME:VERSION, found no version in \"wine@champion\""},
      {{"delete", "wine"}, "expected --yes to delete the model"},
      {{"delete", "wine@champion"}, "expected --yes to delete the model"},
      {{"predict", "wine"}, "expected --input FILE"},
      {{"models", "--url", "gopher://x"}, "only http and https are spoken"},
      {{"models", "--token", "a b"}, "characters that no token has"},
      {{"models", "--url", "http://a:1", "--url", "http://b:1"}, "--url: expected once"},
  };
  for (const auto& [words, expected] : table) {
    const Ran ran = slipway(words);
    EXPECT_EQ(ran.exit, 2) << words.front() << ": " << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(expected));
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(Cli, no_server_is_exit_3_and_says_how_to_start_one) {
  const Ran ran = slipway({"models", "--url", "unix:" + (folder / "nobody")});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("cannot talk to unix:"));
  EXPECT_THAT(ran.err, HasSubstr("slipway serve"));
}

TEST_F(Cli, a_refusal_prints_the_servers_text_and_exits_1) {
  server.when("GET /api/v1/models/wine", R"({"error":"there is no model \"wine\"","code":"NotFound"})", "404");
  const Ran ran = slipway({"show", "wine"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.err, "slipway: there is no model \"wine\"\n");
}

TEST_F(Cli, an_answer_that_is_not_slipways_is_a_refusal_and_no_crash) {
  for (const char* body : {"<html>", "[]", "{}", R"({"models":[{"name":7}],"next":null})", ""}) {
    FakeServer other;
    other.when("GET /api/v1/models?limit=500", body);
    const Ran ran = slipway({"models", "--url", other.url()});
    EXPECT_EQ(ran.exit, 1) << body << ran.out;
    EXPECT_NE(ran.err, "") << body;
  }
}

TEST_F(Cli, the_admin_token_of_a_local_server_is_found_in_its_data_directory) {
  std::ofstream(folder / "admin.token") << "slw_secret\n";
  server.when("GET /api/v1/tokens", R"({"tokens":[]})");
  EXPECT_EQ(slipway({"token", "list", "--data", folder / "."}).exit, 0);
  EXPECT_THAT(server.seen().back().head, HasSubstr("Authorization: Bearer slw_secret\r\n"));
}

TEST_F(Cli, a_token_said_goes_before_the_one_found) {
  std::ofstream(folder / "admin.token") << "slw_secret\n";
  server.when("GET /api/v1/tokens", R"({"tokens":[]})");
  ::setenv("SLIPWAY_TOKEN", "slw_mine", 1);
  EXPECT_EQ(slipway({"token", "list", "--data", folder / "."}).exit, 0);
  EXPECT_THAT(server.seen().back().head, HasSubstr("Authorization: Bearer slw_mine\r\n"));
  ::unsetenv("SLIPWAY_TOKEN");
}

TEST_F(Cli, models_prints_aligned_columns_and_follows_the_pages) {
  server.when("GET /api/v1/models?limit=500",
              R"({"models":[{"name":"a","versions":[],"aliases":[],"serving":[]}],"next":"a"})");
  server.when(
      "GET /api/v1/models?limit=500&after=a",
      R"({"models":[{"name":"longer","versions":[{"version":12,"stage":"validated"}],"aliases":[{"alias":"champion","version":12}],
                 "serving":[{"environment":"production","revision":1,"split":[{"version":11,"share":9950},{"version":12,"share":50}]}]}],"next":null})");
  const Ran ran = slipway({"models"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "NAME    VERSIONS  LATEST  STAGE      SERVING                        ALIASES\n"
            "a       0         -       -\n"
            "longer  1         12      validated  production: 11 99.5%, 12 0.5%  champion=12\n");
}

TEST_F(Cli, versions_are_searched_page_by_page_up_to_the_limit) {
  const auto page = [](const std::string& number, const std::string& next) {
    return R"({"versions":[{"model":"wine","version":)" + number +
           R"(,"stage":"validated","created_at":"2026-11-21T10:00:00Z","created_by":"eva","size":2048,"aliases":["champion"],)"
           R"("tags":{"team":"risk"},"lineage":{"metrics":{"auc":0.75}}}],"next_page_token":)" +
           next + "}";
  };
  const std::string query = "&filter=metrics.auc%20%3E%200&order_by=created%20DESC";
  server.when("GET /api/v1/versions?limit=2" + query, page("2", R"("t.1")"));
  server.when("GET /api/v1/versions?limit=1" + query + "&page_token=t.1", page("1", R"("t.2")"));
  const Ran ran = slipway({"versions", "--filter", "metrics.auc > 0", "--order", "created DESC", "--limit", "2"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, ::testing::ContainsRegex("wine:2 +validated .* champion +auc=0.75 +team=risk"));
  EXPECT_THAT(ran.out, HasSubstr("wine:1"));
  EXPECT_THAT(slipway({"versions", "--limit", "0"}).err, HasSubstr("--limit: expected a number of 1 or more"));
}

TEST_F(Cli, a_name_with_control_characters_cannot_move_the_cursor) {
  server.when("GET /api/v1/models?limit=500",
              R"({"models":[{"name":"a\u001b[2Jb\u009bc","versions":[],"aliases":[],"serving":[]}],"next":null})");
  for (const auto& words : {std::vector<std::string>{"models"}, {"models", "--quiet"}, {"models", "--json"}}) {
    const Ran ran = slipway(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(ran.out, Not(HasSubstr("\xc2\x9b")));
  }
}

TEST_F(Cli, push_of_a_file_sends_its_bytes_and_prints_the_version) {
  std::ofstream(folder / "wine.onnx") << "model bytes";
  server.when("POST /api/v1/packages?filename=wine.onnx&name=wine&reason=why%20not", kVersion, "201");
  const Ran ran = slipway({"push", folder / "wine.onnx", "--name", "wine", "--reason", "why not"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, "wine:3\n");
  EXPECT_EQ(server.seen().back().body, "model bytes");
}

TEST_F(Cli, push_waits_and_tries_again_while_the_server_is_busy) {
  std::ofstream(folder / "wine.onnx") << "model bytes";
  const std::string line = "POST /api/v1/packages?filename=wine.onnx";
  server.when(line, R"({"error":"busy","code":"Overloaded"})", "429\r\nRetry-After: 1");
  server.when(line, kVersion, "201");
  const Ran ran = slipway({"push", folder / "wine.onnx"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(server.seen().size(), 2u);
  EXPECT_EQ(server.seen().back().body, "model bytes");
}

TEST_F(Cli, push_of_a_rejected_version_exits_1_with_the_reason) {
  std::ofstream(folder / "wine.onnx") << "x";
  server.when(
      "POST /api/v1/packages?filename=wine.onnx",
      R"({"created":true,"version":{"model":"wine","version":4,"stage":"rejected","reason":"golden example 1: expected 3, found 4"}})",
      "201");
  const Ran ran = slipway({"push", folder / "wine.onnx"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "wine:4\n");
  EXPECT_THAT(ran.err, HasSubstr("the version was rejected: golden example 1: expected 3, found 4"));
}

TEST_F(Cli, push_json_prints_the_servers_answer) {
  std::ofstream(folder / "wine.onnx") << "x";
  server.when("POST /api/v1/packages?filename=wine.onnx", kVersion, "201");
  EXPECT_THAT(slipway({"push", folder / "wine.onnx", "--json"}).out, HasSubstr("\"version\": 3"));
}

TEST_F(Cli, deploy_waits_until_the_version_is_live) {
  server.when("PUT /api/v1/serving/wine", desired(7, "loading"));
  server.when("GET /api/v1/serving/wine", desired(7, "loading"));
  server.when("GET /api/v1/serving/wine", desired(7, "ready"));
  const Ran ran = slipway({"deploy", "wine:3", "--wait", "--reason", "reviewed"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, "wine  3: 100%  in production, revision 7: live\n");
  EXPECT_EQ(server.seen().front().body, R"({"reason":"reviewed","version":3})");
}

TEST_F(Cli, deploy_that_fails_to_load_exits_1_with_the_reason) {
  server.when("PUT /api/v1/serving/wine", desired(7, "loading"));
  server.when("GET /api/v1/serving/wine", desired(7, "unavailable", "the memory budget is used up"));
  const Ran ran = slipway({"deploy", "wine", "--wait"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("version 3 failed: the memory budget is used up"));
  EXPECT_EQ(server.seen().front().body, "{}");
}

TEST_F(Cli, deploy_says_when_somebody_else_deployed_meanwhile) {
  server.when("PUT /api/v1/serving/wine", desired(7, "loading"));
  server.when("GET /api/v1/serving/wine", desired(8, "ready"));
  const Ran ran = slipway({"deploy", "wine", "--wait"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("expected revision 7, found 8"));
}

TEST_F(Cli, deploy_gives_up_waiting_after_the_timeout) {
  server.when("PUT /api/v1/serving/wine", desired(7, "loading"));
  server.when("GET /api/v1/serving/wine", desired(7, "loading"));
  const Ran ran = slipway({"deploy", "wine", "--wait", "--timeout", "0.05"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("version 3 is loading"));
}

TEST_F(Cli, deploy_splits_in_basis_points) {
  server.when("PUT /api/v1/serving/wine", desired(7, "ready"));
  EXPECT_EQ(slipway({"deploy", "wine", "--split", "3=99.5%,4=0.5"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"split":[{"share":9950,"version":3},{"share":50,"version":4}]})");
}

TEST_F(Cli, deploy_mirrors_a_share_or_everything) {
  server.when("PUT /api/v1/serving/wine", desired(7, "ready"));
  EXPECT_EQ(slipway({"deploy", "wine:3", "--mirror", "4=12.5"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"mirror":{"share":1250,"to":4},"version":3})");
  EXPECT_EQ(slipway({"deploy", "wine:3", "--mirror", "4"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"mirror":{"share":10000,"to":4},"version":3})");
  for (const char* wrong : {"0", "4=0", "4=101", "4=1.005", "four", "4=10,5=10"}) {
    EXPECT_THAT(slipway({"deploy", "wine:3", "--mirror", wrong}).err, HasSubstr("--mirror: expected")) << wrong;
  }
}

TEST_F(Cli, deploy_of_an_alias_lets_the_server_resolve_it) {
  server.when("PUT /api/v1/serving/wine", desired(7, "ready"));
  EXPECT_EQ(slipway({"deploy", "wine@champion"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"alias":"champion"})");
}

TEST_F(Cli, a_model_whose_own_name_has_an_at_sign_is_not_split) {
  server.when("GET /api/v1/models/wine%40home", "{}");
  server.when("PUT /api/v1/serving/wine%40home", desired(7, "ready"));
  EXPECT_EQ(slipway({"deploy", "wine@home"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, "{}");
}

TEST_F(Cli, predict_asks_for_a_version_by_the_number_that_the_protocol_has_for_it) {
  server.when("GET /api/v1/models/wine/versions/2", R"({"version":2,"manifest":{"labels":{"oip.version":"7"}}})");
  server.when("POST /v2/models/wine/versions/7/infer", "{\"outputs\":[]}");
  server.when("POST /v2/models/wine/versions/2/infer", "{\"outputs\":\"of another version\"}");
  std::ofstream(folder / "oip.json") << R"({"inputs":[]})";
  EXPECT_EQ(slipway({"predict", "wine:2", "--input", folder / "oip.json"}).out, "{\"outputs\":[]}\n");
}

TEST_F(Cli, predict_chooses_the_protocol_by_the_request) {
  server.when("GET /api/v1/models/wine/versions/3", R"({"version":3,"manifest":{"labels":{}}})");
  server.when("POST /v2/models/wine/versions/3/infer", "{\"outputs\":[]}");
  server.when("POST /predict/wine", "{\"predictions\":[]}");
  std::ofstream(folder / "oip.json") << R"({"inputs":[{"name":"x","data":[NaN]}]})";
  std::ofstream(folder / "plain.json") << R"({"features":{"inputs":1}})";
  std::ofstream(folder / "rows.csv") << "a,b\n1,2\n";
  EXPECT_EQ(slipway({"predict", "wine:3", "--input", folder / "oip.json"}).out, "{\"outputs\":[]}\n");
  EXPECT_EQ(slipway({"predict", "wine", "--input", folder / "plain.json"}).out, "{\"predictions\":[]}\n");
  EXPECT_EQ(slipway({"predict", "wine", "--input", folder / "rows.csv"}).exit, 0);
  EXPECT_THAT(server.seen().back().head, HasSubstr("Content-Type: text/csv\r\n"));
}

TEST_F(Cli, predict_puts_a_bare_row_or_rows_into_the_object_the_server_takes) {
  server.when("POST /predict/wine:3", "{}");
  std::ofstream(folder / "row.json") << "[1, NaN]";
  std::ofstream(folder / "rows.json") << " [ [1], [2] ]";
  EXPECT_EQ(slipway({"predict", "wine:3", "--input", folder / "row.json"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"row":[1, NaN]})");
  EXPECT_EQ(slipway({"predict", "wine:3", "--input", folder / "rows.json"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"rows": [ [1], [2] ]})");
}

TEST_F(Cli, token_create_prints_the_secret_alone_on_standard_output) {
  server.when("POST /api/v1/tokens",
              R"({"id":"t1","name":"ci","role":"operator","created_at":"x","expires_at":null,"secret":"slw_1"})",
              "201");
  const Ran ran = slipway({"token", "create", "ci", "--role", "operator", "--expires", "2h"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, "slw_1\n");
  EXPECT_EQ(server.seen().back().body, R"({"expires_in_seconds":7200,"name":"ci","role":"operator"})");
}

TEST_F(Cli, alias_set_passes_what_is_expected) {
  server.when("PUT /api/v1/models/wine/aliases/champion", R"({"model":"wine","alias":"champion","version":3})");
  EXPECT_EQ(slipway({"alias", "set", "wine:3", "champion", "--expect", "2"}).out, "wine@champion = 3\n");
  EXPECT_EQ(server.seen().back().body, R"({"expected":2,"version":3})");
}

TEST_F(Cli, alias_set_follows_another_alias) {
  server.when("GET /api/v1/models/wine/aliases/production", R"({"model":"wine","alias":"production","version":7})");
  server.when("PUT /api/v1/models/wine/aliases/previous", R"({"model":"wine","alias":"previous","version":7})");
  EXPECT_EQ(slipway({"alias", "set", "wine@production", "previous"}).exit, 0);
  EXPECT_EQ(server.seen().back().body, R"({"version":7})");
}

TEST_F(Cli, delete_undeploy_and_rollback_speak_to_their_routes) {
  server.when("DELETE /api/v1/models/wine/versions/2", "", "204");
  server.when("DELETE /api/v1/serving/wine?environment=staging&reason=old", "", "204");
  server.when("POST /api/v1/serving/wine/rollback", desired(9, "ready"));
  EXPECT_EQ(slipway({"delete", "wine:2"}).out, "deleted wine:2\n");
  EXPECT_EQ(slipway({"undeploy", "wine", "--environment", "staging", "--reason", "old"}).out, "undeployed wine\n");
  EXPECT_EQ(slipway({"rollback", "wine"}).out, "wine  3: 100%  in production, revision 9\n");
  EXPECT_EQ(slipway({"undeploy", "wine", "--environment", "staging", "--reason", "old", "--json"}).out,
            "{\n  \"undeployed\": \"wine\"\n}\n");
}

TEST_F(Cli, retire_passes_the_reason) {
  server.when("POST /api/v1/models/wine/versions/2/retire", R"({"stage":"retired"})");
  EXPECT_EQ(slipway({"retire", "wine:2", "--reason", "leaked labels"}).out, "retired wine:2\n");
  EXPECT_EQ(server.seen().back().body, R"({"reason":"leaked labels"})");
}

TEST_F(Cli, rename_passes_the_name_and_the_reason) {
  server.when("POST /api/v1/models/wine/rename", R"({"name":"red wine"})");
  EXPECT_EQ(slipway({"rename", "wine", "red wine", "--reason", "whites come"}).out, "renamed wine to red wine\n");
  EXPECT_EQ(server.seen().back().body, R"({"name":"red wine","reason":"whites come"})");
}

TEST_F(Cli, pull_writes_the_files_and_checks_them) {
  const std::string good = sha256(as_bytes("weights")).hex();
  server.when("GET /api/v1/models/wine/versions/2", R"({"files":[{"path":"a b/model.onnx","size":7,"sha256":")" + good +
                                                        R"("},{"path":"empty","size":0,"sha256":")" + sha256({}).hex() +
                                                        R"("}]})");
  server.when("GET /api/v1/models/wine/versions/2/files/a%20b/model.onnx", "weights");
  server.when("GET /api/v1/models/wine/versions/2/files/empty", "");
  const std::string to = folder / "wine";
  const Ran ran = slipway({"pull", "wine:2", to});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, to + "\n");
  std::ifstream in(to + "/a b/model.onnx");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "weights");
  EXPECT_TRUE(std::filesystem::exists(to + "/empty"));
  EXPECT_THAT(slipway({"pull", "wine:2", to}).err, HasSubstr("cannot make the folder"));
}

TEST_F(Cli, pull_keeps_no_other_bytes_than_the_version_has) {
  server.when("GET /api/v1/models/wine/versions/2",
              R"({"files":[{"path":"model.onnx","size":7,"sha256":")" + sha256({}).hex() + R"("}]})");
  server.when("GET /api/v1/models/wine/versions/2/files/model.onnx", "weights");
  const Ran ran = slipway({"pull", "wine:2", folder / "wine"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("\"model.onnx\": expected 7 bytes of SHA-256 e3b0"));
  EXPECT_FALSE(std::filesystem::exists(folder / "wine/model.onnx"));
}

TEST_F(Cli, pull_goes_nowhere_else_whatever_the_server_says) {
  for (const char* path : {"../out", "/etc/out", "a/../../out", "", "a//b/", "."}) {
    server.when("GET /api/v1/models/wine/versions/2", R"({"files":[{"path":")" + std::string(path) +
                                                          R"(","size":0,"sha256":")" + sha256({}).hex() + R"("}]})");
    const Ran ran = slipway({"pull", "wine:2", folder / "wine"});
    EXPECT_NE(ran.exit, 0) << path;
    EXPECT_THAT(ran.err, HasSubstr("expected the path of a file in a package")) << path;
    EXPECT_FALSE(std::filesystem::exists(folder / "wine")) << path;
  }
}

TEST_F(Cli, a_local_command_stands_in_the_same_table) {
  std::string heard;
  const std::vector<Command> local = {{.name = "serve",
                                       .summary = "Serve models",
                                       .options = {{.name = "--listen", .value = "HOST:PORT", .help = "where"}},
                                       .examples = {"slipway serve"},
                                       .run = [&](const Arguments& arguments) {
                                         heard = arguments.text("--listen").value_or("");
                                         return Exit::Done;
                                       }}};
  EXPECT_EQ(slipway({"serve", "--listen", "[::1]:0"}, local).exit, 0);
  EXPECT_EQ(heard, "[::1]:0");
  EXPECT_THAT(slipway({"serve", "--help"}, local).out, HasSubstr("--listen HOST:PORT"));
  EXPECT_THAT(slipway({"completion", "bash"}, local).out, HasSubstr("'serve')"));
}

TEST_F(Cli, version_needs_no_server) {
  EXPECT_EQ(slipway({"version"}).out, "slipway 0.1.0\n");
  EXPECT_EQ(slipway({"version", "--json"}).out, "{\"version\": \"0.1.0\"}\n");
  EXPECT_EQ(slipway({"--version"}).out, "slipway 0.1.0\n");
}

}  // namespace
}  // namespace slipway::cli
