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

TEST(Configuration, what_is_not_loopback_has_tls_unless_told_otherwise) {
  const auto listen = [](const std::string& text) { return configured({{"listen", text, "--listen"}})->listen; };
  using List = std::vector<std::string>;
  EXPECT_EQ(listen("127.0.0.1:1,[::1]:2,unix:/s"), (List{"127.0.0.1:1", "[::1]:2", "unix:/s"}));
  EXPECT_EQ(listen("0.0.0.0:1,[::]:2,models:3"), (List{"tls:0.0.0.0:1", "tls:[::]:2", "tls:models:3"}));
  EXPECT_EQ(listen("tls:127.0.0.1:1,tls:unix:/s"), (List{"tls:127.0.0.1:1", "tls:unix:/s"}));
  EXPECT_EQ(listen("plain:0.0.0.0:1"), List{"0.0.0.0:1"});
}

TEST(Configuration, client_certificates_have_roles_by_their_exact_names) {
  const std::vector<GivenSetting> given = {{"listen", "tls:127.0.0.1:1", "x"},
                                           {"tls_client_ca", "ca.pem", "x"},
                                           {"tls_identities", "uri:spiffe://a/b=operator,dns:c=viewer", "x"}};
  const auto c = configured(given);
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_EQ(c->identities.at("uri:spiffe://a/b"), access::Role::Operator);
  EXPECT_EQ(c->identities.at("dns:c"), access::Role::Viewer);
  EXPECT_FALSE(configured({{"tls_identities", "dns:c=king", "x"}}).ok());
  EXPECT_FALSE(configured({{"tls_identities", "dns:c=viewer", "x"}}).ok()) << "without authorities";
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
