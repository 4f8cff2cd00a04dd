#include "adapter/config_yaml/server_file.h"

#include "adapter/config_yaml/governance_section.h"
#include "adapter/config_yaml/server_text.h"
#include "adapter/yaml/field.h"

namespace slipway::config_yaml {
namespace {

constexpr std::size_t kLongestList = 256;

// One value as a flag or an environment variable would spell it.
Result<std::string> spelled(const yaml::Field& field) {
  if (!field.is(yaml::Kind::Sequence)) {
    if (!field.is(yaml::Kind::Scalar)) return field.expected("a value or a list of values");
    return field.text();
  }
  std::string joined;
  for (const yaml::Field& item : TRY(field.items(kLongestList))) {
    const std::string part = TRY(item.text());
    if (part.empty() || part.find(',') != std::string::npos) return item.expected("a text without commas");
    joined += (joined.empty() ? "" : ",") + part;
  }
  return joined;
}

}  // namespace

Result<std::vector<ServerSetting>> parse_server_file(std::string_view text, std::string_view name,
                                                     std::span<const std::string_view> known) {
  const yaml::Document document = TRY(parse_server_yaml(text, name));
  std::vector<ServerSetting> settings;
  if (document.root.kind == yaml::Kind::Null) return settings;
  const yaml::Field root(document, document.root, "");
  std::vector<std::string_view> keys(known.begin(), known.end());
  keys.push_back(kGovernanceSection);
  TRY(root.check_keys(keys));
  for (const auto& [key, field] : TRY(root.entries(keys.size()))) {
    if (key == kGovernanceSection) continue;  // governance_section.h reads it
    const std::string source = document.name + ":" + std::to_string(field.node().mark.line);
    std::string value = TRY(spelled(field));
    settings.push_back({key, std::move(value), source});
  }
  return settings;
}

Result<std::vector<ServerSetting>> read_server_file(const std::string& path, std::span<const std::string_view> known) {
  const std::string text = TRY(read_server_text(path));
  return parse_server_file(text, path, known);
}

}  // namespace slipway::config_yaml
