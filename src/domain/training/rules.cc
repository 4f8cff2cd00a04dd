#include "domain/training/rules.h"

#include "base/text.h"

namespace slipway::training {
namespace {

Error too_long(const std::string& what, std::size_t most, std::size_t found) {
  return invalid_input(what + ": expected at most " + std::to_string(most) + " bytes, found " + std::to_string(found));
}

bool has_odd_parts(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

bool is_key_byte(char c) {
  const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_word || std::string_view("_-. :/").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) > 0x7F;
}

Result<void> check_text(const std::string& what, std::string_view text, std::size_t most) {
  if (text.size() > most) return too_long(what, most, text.size());
  if (is_valid_utf8(text) && text.find('\0') == std::string_view::npos) return {};
  return invalid_input(what + ": expected UTF-8 without NUL, found \"" + printable(text) + "\"");
}

}  // namespace

Result<void> check_key(std::string_view kind, std::string_view key) {
  const std::string what = "the key of a " + std::string(kind);
  if (key.size() > kLongestKey) return too_long(what, kLongestKey, key.size());
  bool is_good = is_valid_utf8(key) && !has_control_characters(key) && !has_odd_parts(key);
  for (const char c : key) is_good = is_good && is_key_byte(c);
  if (is_good) return {};
  return invalid_input(what +
                       ": expected letters, digits, underscores, dashes, periods, spaces, colons and slashes, and no "
                       "path with empty parts, \".\" or \"..\"; found \"" +
                       printable(key) + "\"");
}

Result<void> check_tag(Kind of, std::string_view key, std::string_view value) {
  TRY(check_key("tag", key));
  return check_text("the tag \"" + std::string(key) + "\"", value,
                    of == Kind::Experiment ? kLongestExperimentTag : kLongestRunTag);
}

Result<void> check_parameter(std::string_view key, std::string_view value) {
  TRY(check_key("parameter", key));
  return check_text("the parameter \"" + std::string(key) + "\"", value, kLongestParameter);
}

Result<void> check_name(Kind of, std::string_view name) {
  const std::string what =
      "the name of a" + std::string(of == Kind::Experiment ? "n " : " ") + std::string(name_of(of));
  TRY(check_text(what, name, kLongestName));
  if (!has_control_characters(name) && (!name.empty() || of != Kind::Experiment)) return {};
  return invalid_input(what + ": expected text without control characters, found \"" + printable(name) + "\"");
}

Result<void> check_path(std::string_view path) {
  if (path.size() > kLongestPath) return too_long("a path", kLongestPath, path.size());
  const bool is_good = is_valid_utf8(path) && !has_control_characters(path) && !has_odd_parts(path) &&
                       path.find('\\') == std::string_view::npos;
  if (is_good) return {};
  return invalid_input(
      "a path: expected parts joined by /, none of them empty, \".\" or \"..\", without \\ and control characters; "
      "found \"" +
      printable(path) + "\"");
}

}  // namespace slipway::training
