#include "cli/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/http_client.h"
#include "cli/request_kind.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

TEST(Parser, a_value_may_begin_with_a_dash_after_an_equals_sign_and_a_lone_dash_is_a_value) {
  const std::vector<Command> commands = {
      {.name = "c",
       .summary = "",
       .options = {{.name = "FILE", .help = ""}, {.name = "--in", .value = "F", .help = ""}},
       .run = [](const Arguments&) { return Exit::Done; }}};
  const std::vector<std::string> words = {"c", "--in=-x", "-"};
  const auto parsed = parse(words, commands);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed->arguments.at("--in"), "-x");
  EXPECT_EQ(parsed->arguments.at("FILE"), "-");
}

TEST(Endpoint, reads_the_ways_a_server_is_named) {
  struct Row {
    std::string url, base, socket;
    bool local;
  };
  const std::vector<Row> table = {{"http://127.0.0.1:8080", "http://127.0.0.1:8080", "", true},
                                  {"localhost:80/", "http://localhost:80", "", true},
                                  {"http://[::1]:9", "http://[::1]:9", "", true},
                                  {"unix:/run/s", "http://localhost", "/run/s", true},
                                  {"unix:///run/s", "http://localhost", "/run/s", true},
                                  {"https://models.example.com", "https://models.example.com", "", false},
                                  {"http://127.example.com:1", "http://127.example.com:1", "", false}};
  for (const Row& row : table) {
    const auto endpoint = Endpoint::parse(row.url);
    ASSERT_TRUE(endpoint.ok()) << row.url;
    EXPECT_EQ(endpoint->base, row.base);
    EXPECT_EQ(endpoint->socket, row.socket);
    EXPECT_EQ(endpoint->is_local(), row.local) << row.url;
  }
}

TEST(Endpoint, refuses_what_is_no_address) {
  for (const std::string url :
       {"", "unix:", "ftp://x", "http://", "http://a b", "http://user@host", "http://h?x", "file:///etc/passwd",
        "unix:/0123456789012345678901234567890123456789012345678901234567"
        "8901234567890123456789012345678901234567890123456789"}) {
    EXPECT_FALSE(Endpoint::parse(url).ok()) << url;
  }
}

TEST(PercentEncode, leaves_only_what_no_part_of_a_url_can_mistake) {
  EXPECT_EQ(percent_encode("a/b:c?d e%\xc3\xa9"), "a%2Fb%3Ac%3Fd%20e%25%C3%A9");
  EXPECT_EQ(percent_encode(".."), "%2E%2E");
  EXPECT_EQ(percent_encode("v1.2"), "v1.2");
}

TEST(RequestKind, is_seen_from_the_text_alone) {
  const std::vector<std::pair<std::string, RequestKind>> table = {
      {R"({"inputs": []})", RequestKind::Inference},
      {R"( { "id": "a\"}", "x": {"inputs": 1}, "inputs" : [NaN]})", RequestKind::Inference},
      {R"({"features": {"inputs": 1}})", RequestKind::Plain},
      {R"({"a": "inputs"})", RequestKind::Plain},
      {"[1, 2]", RequestKind::Row},
      {"[", RequestKind::Row},
      {"[ [1, 2] ]", RequestKind::Rows},
      {"[{\"inputs\": 1}]", RequestKind::Rows},
      {"{\"unfinished", RequestKind::Plain},
      {"a,b\n1,2", RequestKind::Csv},
      {"", RequestKind::Csv}};
  for (const auto& [text, kind] : table) EXPECT_EQ(request_kind(text), kind) << text;
}

TEST(HumanBytes, reads_easily) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(std::uint64_t{5} << 30), "5.0 GiB");
}

TEST(Completion, knows_three_shells_and_every_option) {
  const std::vector<Command> commands = {deploy_command(), token_command()};
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(shell, commands);
    for (const char* word : {"deploy", "wait", "environment", "token", "create", "role", "approver"}) {
      EXPECT_THAT(script, testing::HasSubstr(word)) << shell;
    }
  }
  EXPECT_EQ(completion_script("csh", commands), "");
}

TEST(Completion, the_bash_code_completes_commands_options_and_choices) {
  const std::vector<Command> commands = {deploy_command(), token_command()};
  const auto completed = [&](const std::string& words, int at) {
    const std::string program = completion_script("bash", commands) + "COMP_WORDS=(slipway " + words +
                                ")\nCOMP_CWORD=" + std::to_string(at) + "\n_slipway\necho \"${COMPREPLY[@]}\"\n";
    const std::string quoted = testing::TempDir() + "/slipway-completion-" + std::to_string(::getpid());
    std::FILE* file = std::fopen(quoted.c_str(), "w");
    std::fputs(program.c_str(), file);
    std::fclose(file);
    std::FILE* shell = ::popen(("bash " + quoted).c_str(), "r");
    char line[512] = "";
    const char* read = std::fgets(line, sizeof line, shell);
    ::pclose(shell);
    ::unlink(quoted.c_str());
    return std::string(read ? read : "");
  };
  EXPECT_EQ(completed("de", 1), "deploy\n");
  EXPECT_EQ(completed("deploy --wa", 2), "--wait\n");
  EXPECT_EQ(completed("token cr", 2), "create\n");
  EXPECT_EQ(completed("token create --role a", 4), "approver admin\n");
}

}  // namespace
}  // namespace slipway::cli
