#include "app/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "app/configuration.h"

namespace slipway::app {
namespace {

const char* no_variable(const std::string&) {
  return nullptr;
}

Result<Configuration> configured(std::vector<GivenSetting> flags) {
  auto settings = Settings::gather({}, no_variable, flags);
  if (!settings.ok()) return settings.error();
  return configure(*settings);
}

TEST(Settings, later_sources_win_and_are_named) {
  const std::vector<GivenSetting> file = {{"loops", "2", "slipway-server.yaml:1"},
                                          {"workers", "7", "slipway-server.yaml:2"}};
  const auto variable = [](const std::string& name) -> const char* { return name == "SLIPWAY_LOOPS" ? "3" : nullptr; };
  const auto settings = Settings::gather(file, variable, {{"listen", "127.0.0.1:0", "--listen"}});
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ((*settings)["loops"].value, "3");
  EXPECT_EQ((*settings)["loops"].source, "SLIPWAY_LOOPS");
  EXPECT_EQ((*settings)["workers"].source, "slipway-server.yaml:2");
  EXPECT_EQ((*settings)["listen"].source, "--listen");
  EXPECT_EQ((*settings)["drain"].source, "default");
}

TEST(Settings, an_unknown_key_is_refused_with_its_source) {
  const auto settings = Settings::gather({{"lopps", "2", "slipway-server.yaml:4"}}, no_variable, {});
  ASSERT_FALSE(settings.ok());
  EXPECT_EQ(settings.error().message, "slipway-server.yaml:4: unknown setting \"lopps\"");
}

TEST(Configuration, the_defaults_are_good) {
  const auto c = configured({});
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_EQ(c->listen, std::vector<std::string>{"127.0.0.1:8080"});
  EXPECT_GE(c->loops, 1u);
  EXPECT_GT(c->model_memory.count, 0u);
}

TEST(Configuration, wrong_values_say_expected_found_and_source) {
  const auto c = configured({{"loops", "many", "--loops"}});
  ASSERT_FALSE(c.ok());
  EXPECT_EQ(c.error().message, "--loops: loops: expected a number from 0 to 256, found \"many\"");
  EXPECT_FALSE(configured({{"slow_request", "1", "x"}}).ok());
  EXPECT_FALSE(configured({{"body_memory", "lots", "x"}}).ok());
  EXPECT_FALSE(configured({{"environment", "Prod/1", "x"}}).ok());
  EXPECT_FALSE(configured({{"log_level", "loud", "x"}}).ok());
}

TEST(Configuration, an_open_server_on_a_public_address_is_refused_unless_insecure) {
  const std::vector<GivenSetting> open = {{"listen", "0.0.0.0:80", "--listen"},
                                          {"anonymous", "everything", "--anonymous"}};
  EXPECT_FALSE(configured(open).ok());
  auto insecure = open;
  insecure.push_back({"insecure", "true", "--insecure"});
  EXPECT_TRUE(configured(insecure).ok());
  EXPECT_TRUE(configured({{"listen", "0.0.0.0:80", "--listen"}}).ok());
}

}  // namespace
}  // namespace slipway::app
