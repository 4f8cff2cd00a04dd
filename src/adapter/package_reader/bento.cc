#include "adapter/package_reader/bento.h"

#include <array>
#include <string>
#include <utility>

#include "adapter/yaml/field.h"
#include "base/text.h"
#include "domain/model/name.h"

namespace slipway::package_reader {
namespace {

using yaml::Field;
using yaml::Kind;

constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kMostLabels = 200;
constexpr std::size_t kMostParts = 64;  // models, or APIs

Result<std::string> line_of(const Field& field) {
  std::string text = TRY(field.text());
  if (text.size() <= kLongestText && !has_control_characters(text)) return text;
  return field.expected("at most " + std::to_string(kLongestText) + " bytes without control characters");
}

bool is_given(const std::optional<Field>& field) {
  return field && !field->is(Kind::Null);
}

Result<void> take_text(const Field& root, std::string_view key, std::string_view label, model::Manifest& manifest) {
  const auto field = root.find(key);
  if (!is_given(field)) return {};
  std::string text = TRY(line_of(*field));
  if (!text.empty()) manifest.labels["bentoml." + std::string(label)] = std::move(text);
  return {};
}

Result<void> take_own_labels(const Field& root, model::Manifest& manifest) {
  const auto labels = root.find("labels");
  if (!is_given(labels)) return {};
  for (const auto& [key, value] : TRY(labels->entries(kMostLabels))) {
    const bool is_key = !key.empty() && key.size() <= 255 && !has_control_characters(key);
    if (!is_key) return value.wrong("expected a key of 1 to 255 bytes without control characters");
    if (value.is(Kind::Null)) continue;
    manifest.labels[key] = TRY(line_of(value));
  }
  return {};
}

// The texts of `name` in each item of a list, with those of `detail` in brackets; what would be too long is left out.
Result<void> take_list(const Field& root, std::string_view key, std::string_view name, std::string_view detail,
                       model::Manifest& manifest) {
  const auto list = root.find(key);
  if (!is_given(list)) return {};
  std::string text;
  for (const Field& item : TRY(list->items(kMostParts))) {
    const auto called = item.find(name);
    if (!called) return item.wrong("expected " + std::string(name) + ", found none");
    std::string part = TRY(line_of(*called));
    const auto more = item.find(detail);
    if (is_given(more)) part += " (" + TRY(line_of(*more)) + ")";
    if (text.size() + part.size() + 2 > kLongestText) break;
    text += (text.empty() ? "" : ", ") + part;
  }
  if (!text.empty()) manifest.labels["bentoml." + std::string(key)] = std::move(text);
  return {};
}

}  // namespace

Result<void> import_bento(std::string_view text, model::Manifest& manifest) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTexts = {
      {{"version", "version"},
       {"service", "service"},
       {"bentoml_version", "bentoml_version"},
       {"creation_time", "created"}}};
  const yaml::Document document = TRY(yaml::parse(text, kBentoFile));
  const Field root(document, document.root, "");
  const auto name = root.find("name");
  if (!is_given(name)) return root.wrong("expected name, which a bento has; found none");
  std::string said = TRY(line_of(*name));
  if (model::ModelName::parse(said)) manifest.name = std::move(said);
  manifest.format = "bentoml";
  TRY(take_own_labels(root, manifest));
  for (const auto& [key, label] : kTexts) TRY(take_text(root, key, label, manifest));
  TRY(take_list(root, "models", "tag", "module", manifest));
  return take_list(root, "apis", "name", "", manifest);
}

}  // namespace slipway::package_reader
