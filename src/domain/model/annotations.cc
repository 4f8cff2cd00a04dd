#include "domain/model/annotations.h"

#include "base/text.h"

namespace slipway::model {
namespace {

Result<void> check_field(std::string_view field, std::string_view text, std::size_t longest) {
  const std::string start(field);
  if (text.size() > longest) {
    return invalid_input(start + ": expected at most " + std::to_string(longest) + " bytes, found " +
                         std::to_string(text.size()));
  }
  if (!is_valid_utf8(text)) return invalid_input(start + ": expected valid UTF-8, found \"" + printable(text) + "\"");
  if (text.find('\0') != std::string_view::npos) {
    return invalid_input(start + ": expected text without NUL, found \"" + printable(text) + "\"");
  }
  return {};
}

Result<void> check_line(std::string_view field, std::string_view text, std::size_t longest) {
  TRY(check_field(field, text, longest));
  if (!has_control_characters(text)) return {};
  return invalid_input(std::string(field) + ": expected characters that print, found \"" + printable(text) + "\"");
}

}  // namespace

Result<void> check_tag(std::string_view key, std::string_view value) {
  if (key.empty()) return invalid_input("tag: expected a key of at least one character, found none");
  TRY(check_line("tag key", key, kLongestTagKey));
  return check_field("tag \"" + std::string(key) + "\"", value, kLongestTagValue);
}

Result<void> check(const Annotations& annotations) {
  TRY(check_field("description", annotations.description, kLongestDescription));
  if (annotations.tags.size() > kMostTags) {
    return invalid_input("tags: expected at most " + std::to_string(kMostTags) + ", found " +
                         std::to_string(annotations.tags.size()));
  }
  for (const auto& [key, value] : annotations.tags) TRY(check_tag(key, value));
  return {};
}

Result<void> check(const VersionNotes& notes) {
  TRY(check(notes.annotations));
  TRY(check_line("stage label", notes.stage_label, kLongestStageLabel));
  TRY(check_line("source", notes.source, kLongestSource));
  TRY(check_line("run id", notes.run_id, kLongestRunId));
  return check_line("run link", notes.run_link, kLongestSource);
}

}  // namespace slipway::model
