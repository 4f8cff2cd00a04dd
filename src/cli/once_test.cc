// A change that the command sends again after a lost connection is the same request, under the same key.
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "cli/cli_fixture.h"

namespace slipway::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kAlias = "PUT /api/v1/models/wine/aliases/champion";
constexpr const char* kSet = R"({"model":"wine","alias":"champion","version":3})";

std::set<std::string> keys_of(const FakeServer& server, const std::string& line) {
  std::set<std::string> keys;
  for (const FakeServer::Seen& seen : server.seen()) {
    const std::size_t at = seen.head.find("Idempotency-Key: ");
    if (seen.line.starts_with(line) && at != std::string::npos) keys.insert(seen.head.substr(at + 17, 32));
  }
  return keys;
}

TEST_F(Cli, a_change_whose_connection_broke_is_sent_again_under_the_same_key) {
  server.when(kAlias, "", "lost");
  server.when(kAlias, "", "lost");
  server.when(kAlias, kSet);
  const Ran ran = slipway({"alias", "set", "wine:3", "champion"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(server.seen(), SizeIs(3));
  EXPECT_THAT(keys_of(server, "PUT"), SizeIs(1));
}

TEST_F(Cli, a_change_that_is_still_being_answered_is_asked_for_again) {
  server.when(kAlias, "", "lost");
  server.when(kAlias, R"({"error":"is being answered","code":"Conflict"})", "409\r\nRetry-After: 1");
  server.when(kAlias, kSet);
  EXPECT_EQ(slipway({"alias", "set", "wine:3", "champion"}).exit, 0);
  EXPECT_THAT(server.seen(), SizeIs(3));
}

TEST_F(Cli, what_was_refused_is_not_sent_again_and_each_change_has_a_key_of_its_own) {
  server.when(kAlias, R"({"error":"no","code":"Conflict"})", "409");
  EXPECT_EQ(slipway({"alias", "set", "wine:3", "champion"}).exit, 1);
  EXPECT_EQ(slipway({"alias", "set", "wine:3", "champion"}).exit, 1);
  EXPECT_THAT(server.seen(), SizeIs(2));
  EXPECT_THAT(keys_of(server, "PUT"), SizeIs(2));
}

TEST_F(Cli, a_push_whose_connection_broke_is_sent_again_as_a_whole_under_the_same_key) {
  std::ofstream(folder / "wine.onnx") << "bytes";
  const std::string line = "POST /api/v1/packages?filename=wine.onnx";
  server.when(line, "", "lost");
  server.when(line, R"({"error":"seen","code":"InvalidInput"})", "400");
  const Ran ran = slipway({"push", folder / "wine.onnx"});
  EXPECT_THAT(ran.err, HasSubstr("seen"));
  ASSERT_THAT(server.seen(), SizeIs(2));
  EXPECT_EQ(server.seen()[0].body, server.seen()[1].body);
  EXPECT_THAT(keys_of(server, "POST"), SizeIs(1));
}

}  // namespace
}  // namespace slipway::cli
