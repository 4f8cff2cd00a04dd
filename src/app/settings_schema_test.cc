// api/schema/server.schema.json and the server know the same settings, defaults and bounds.
#include <gtest/gtest.h>
#include <regex.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "app/configuration.h"

namespace slipway::app {
namespace {

using nlohmann::json;

// A pattern of the schema, which POSIX reads as JSON Schema does: groups, classes and counts only.
class Pattern {
 public:
  explicit Pattern(const std::string& text) { EXPECT_EQ(regcomp(&compiled_, text.c_str(), REG_EXTENDED), 0) << text; }
  ~Pattern() { regfree(&compiled_); }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  bool matches(const std::string& text) const { return regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0; }

 private:
  regex_t compiled_{};
};

const json& schema() {
  static const json parsed = json::parse(std::ifstream(std::string(SLIPWAY_SCHEMAS).append("/server.schema.json")));
  return parsed;
}

const json& property(std::string_view key) {
  return schema().at("properties").at(std::string(key));
}

// As a flag would spell it.
std::string spelled(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool is_accepted(std::string_view key, const std::string& value) {
  const auto none = [](const std::string&) -> const char* { return nullptr; };
  const auto settings = Settings::gather({}, none, {{std::string(key), value, "test"}});
  return settings.ok() && configure(*settings).ok();
}

TEST(ServerSchema, lists_the_settings_there_are) {
  std::set<std::string> described;
  for (const auto& [key, value] : schema().at("properties").items()) described.insert(key);
  std::set<std::string> real = {"governance"};  // a section: config_yaml reads it
  for (const SettingSpec& spec : setting_specs()) real.emplace(spec.key);
  EXPECT_EQ(described, real);
  EXPECT_EQ(schema().at("additionalProperties"), false);
}

TEST(ServerSchema, gives_the_defaults_there_are) {
  for (const SettingSpec& spec : setting_specs()) {
    const json& described = property(spec.key);
    EXPECT_EQ(described.contains("default") ? spelled(described["default"]) : "", spec.fallback) << spec.key;
  }
}

TEST(ServerSchema, lists_the_choices_there_are) {
  for (const SettingSpec& spec : setting_specs()) {
    const json& described = property(spec.key);
    std::string form;
    if (described.contains("enum")) {
      for (const json& choice : described["enum"]) {
        EXPECT_TRUE(is_accepted(spec.key, spelled(choice))) << spec.key << " " << choice;
        form += (form.empty() ? "" : "|") + spelled(choice);
      }
      EXPECT_FALSE(is_accepted(spec.key, "none of them")) << spec.key;
    } else if (described.value("type", json()) == "boolean") {
      form = "true|false";
    }
    const bool offers_choices =
        spec.form.find('|') != std::string_view::npos && spec.form.find('[') == std::string::npos;
    EXPECT_EQ(form, offers_choices ? spec.form : "") << spec.key;
  }
}

TEST(ServerSchema, bounds_numbers_as_the_server_does) {
  for (const SettingSpec& spec : setting_specs()) {
    const json& described = property(spec.key);
    EXPECT_EQ(described.value("type", json()) == "integer", spec.form == "N") << spec.key;
    if (spec.form != "N") continue;
    const auto least = described.at("minimum").get<std::int64_t>();
    const auto most = described.at("maximum").get<std::int64_t>();
    EXPECT_TRUE(is_accepted(spec.key, std::to_string(least))) << spec.key;
    EXPECT_TRUE(is_accepted(spec.key, std::to_string(most))) << spec.key;
    EXPECT_FALSE(is_accepted(spec.key, std::to_string(least - 1))) << spec.key;
    EXPECT_FALSE(is_accepted(spec.key, std::to_string(most + 1))) << spec.key;
  }
}

TEST(ServerSchema, describes_durations_and_amounts_as_they_are_read) {
  const struct {
    const char* form;
    const char* definition;
    std::vector<std::string> texts;
  } kinds[] = {
      {"DURATION", "duration", {"250ms", "1.5s", "2m", "1h", "30d", "5us", "7ns", "1", "s", "-1s", "1w", "1 s", ""}},
      {"AMOUNT",
       "amount",
       {"512", "64KiB", "1.5 GiB", "2TB", "7B", "64K", "64kB", "64kiB", "lots", "-1", "1..5MB", ""}},
  };
  for (const auto& kind : kinds) {
    const Pattern pattern(schema().at("$defs").at(kind.definition).at("pattern"));
    for (const SettingSpec& spec : setting_specs()) {
      const bool refers = property(spec.key).value("$ref", "") == std::string("#/$defs/") + kind.definition;
      EXPECT_EQ(refers, spec.form == kind.form) << spec.key;
      if (!refers) continue;
      for (const std::string& text : kind.texts) {
        EXPECT_EQ(pattern.matches(text), is_accepted(spec.key, text)) << spec.key << ": \"" << text << "\"";
      }
    }
  }
}

}  // namespace
}  // namespace slipway::app
