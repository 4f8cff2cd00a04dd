#include "domain/model/name.h"

#include <charconv>

#include "base/text.h"

namespace slipway::model {
namespace {

std::size_t characters_in(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

Result<void> check_name(std::string_view kind, std::string_view text, std::size_t longest, std::string_view forbidden) {
  const auto fail = [&](const std::string& rule) {
    return invalid_input("expected a " + std::string(kind) + " of " + rule + ", found \"" + printable(text) + "\"");
  };
  if (!is_valid_utf8(text)) return fail("valid UTF-8");
  if (text.empty() || characters_in(text) > longest) return fail("1 to " + std::to_string(longest) + " characters");
  if (has_control_characters(text)) return fail("characters that print");
  if (text.find_first_of(forbidden) != std::string_view::npos)
    return fail("characters other than " + std::string(forbidden));
  return {};
}

}  // namespace

Result<ModelName> ModelName::parse(std::string_view text) {
  TRY(check_name("model name", text, 255, "/:"));
  return ModelName(std::string(text));
}

Result<Alias> Alias::parse(std::string_view text) {
  TRY(check_name("alias", text, 64, "/:@"));
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    return invalid_input("expected an alias that is not a number, found \"" + std::string(text) + "\"");
  }
  return Alias(std::string(text));
}

Result<std::string> parse_environment(std::string_view text) {
  const bool good = !text.empty() && text.size() <= 63 &&
                    text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
  if (!good) {
    return invalid_input("expected an environment of 1 to 63 characters a-z, 0-9, - and _, found \"" + printable(text) +
                         "\"");
  }
  return std::string(text);
}

std::optional<VersionNumber> parse_version(std::string_view text) {
  VersionNumber number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = status == std::errc{} && end == text.data() + text.size() && number > 0 && text.front() != '0';
  return good ? std::optional(number) : std::nullopt;
}

Result<ModelReference> parse_reference(std::string_view text, const std::function<bool(const ModelName&)>& is_model) {
  const std::size_t split = text.find_last_of("@:");
  auto whole = ModelName::parse(text);
  if (split == std::string_view::npos || (whole.ok() && is_model(*whole))) {
    return ModelReference{TRY(std::move(whole)), {}};
  }
  const std::string_view tail = text.substr(split + 1);
  auto name = TRY(ModelName::parse(text.substr(0, split)));
  if (text[split] == '@') {
    auto alias = TRY(Alias::parse(tail));
    return ModelReference{std::move(name), std::move(alias)};
  }
  const auto number = parse_version(tail);
  if (!number) return invalid_input("expected a version of 1 or more after ':', found \"" + printable(tail) + "\"");
  return ModelReference{std::move(name), *number};
}

}  // namespace slipway::model
