// Character classes of RFC 9110 and RFC 3986, as tables.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace slipway::net {

// tchar → its lower case; 0 for what cannot be in a token.
inline constexpr std::array<char, 256> kTokenLower = [] {
  std::array<char, 256> table{};
  for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<std::uint8_t>(c)] = c;
  }
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<std::uint8_t>(c)] = static_cast<char>(c + 32);
  return table;
}();

// Characters a request target may have. '%' and '?' are told apart by the reader; brackets are let through in queries,
// where clients put them unescaped.
inline constexpr std::array<bool, 256> kIsTarget = [] {
  std::array<bool, 256> table{};
  for (int c = 0x21; c < 0x7F; ++c) table[static_cast<std::size_t>(c)] = true;
  for (char c : std::string_view("\"<>\\^`{|}#")) table[static_cast<std::uint8_t>(c)] = false;
  return table;
}();

// HTAB, SP, VCHAR and obs-text.
inline constexpr std::array<bool, 256> kIsFieldValue = [] {
  std::array<bool, 256> table{};
  for (int c = 0x20; c < 0x100; ++c) table[static_cast<std::size_t>(c)] = c != 0x7F;
  table['\t'] = true;
  return table;
}();

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `lower` is in lower case already.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

// Without the spaces and tabs around it.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next element of a comma-separated list off the front of `rest`, trimmed.
constexpr std::string_view next_of_list(std::string_view& rest) {
  const std::size_t comma = rest.find(',');
  const std::string_view item = trimmed(rest.substr(0, comma));
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  return item;
}

}  // namespace slipway::net
