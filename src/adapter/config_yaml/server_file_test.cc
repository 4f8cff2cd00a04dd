#include "adapter/config_yaml/server_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace slipway::config_yaml {
namespace {

constexpr std::array<std::string_view, 4> kKnown = {"data", "listen", "loops", "log_level"};

// "key=value@source ..." or the error.
std::string read(std::string_view text) {
  const auto settings = parse_server_file(text, "slipway-server.yaml", kKnown);
  if (!settings.ok()) return settings.error().message;
  std::string out;
  for (const ServerSetting& setting : *settings) out += setting.key + "=" + setting.value + "@" + setting.source + " ";
  return out;
}

TEST(ServerFile, keys_come_with_their_text_and_line) {
  EXPECT_EQ(read("data: ./d\n\nloops: 02\nlog_level: off\n"),
            "data=./d@slipway-server.yaml:1 loops=02@slipway-server.yaml:3 log_level=off@slipway-server.yaml:4 ");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("data: ''\n"), "data=@slipway-server.yaml:1 ");
}

TEST(ServerFile, lists_are_joined_as_flags_write_them) {
  EXPECT_EQ(read("listen:\n  - 127.0.0.1:8080\n  - unix:/run/s.sock\n"),
            "listen=127.0.0.1:8080,unix:/run/s.sock@slipway-server.yaml:2 ");
}

TEST(ServerFile, what_is_wrong_is_told_with_line_and_column) {
  EXPECT_EQ(read("data: x\nlisen: y\n"), "slipway-server.yaml:2:1: unknown key \"lisen\"; did you mean \"listen\"?");
  EXPECT_EQ(read("data: x\ndata: y\n"), "slipway-server.yaml:2:1: the key \"data\" is here twice");
  EXPECT_EQ(read("data: {a: b}\n"),
            "slipway-server.yaml:1:7: data: expected a value or a list of values, found a mapping");
  EXPECT_EQ(read("data:\n"), "slipway-server.yaml:2:1: data: expected a value or a list of values, found nothing");
  EXPECT_EQ(read("listen: ['a,b']\n"),
            "slipway-server.yaml:1:10: listen[0]: expected a text without commas, found \"a,b\"");
  EXPECT_EQ(read("just text\n"), "slipway-server.yaml:1:1: expected a mapping, found \"just text\"");
}

TEST(ServerFile, files_are_read_from_disk) {
  std::string pattern = (std::filesystem::temp_directory_path() / "slipway-config-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  const std::string path = (folder / "slipway-server.yaml").string();
  EXPECT_EQ(read_server_file(path, kKnown).error().code, ErrorCode::NotFound);
  std::ofstream(path) << "loops: 3\n";
  const auto settings = read_server_file(path, kKnown);
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->at(0).source, path + ":1");
  std::ofstream(path) << std::string(2 << 20, '#');
  EXPECT_FALSE(read_server_file(path, kKnown).ok());
  EXPECT_FALSE(read_server_file(folder.string(), kKnown).ok());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace slipway::config_yaml
