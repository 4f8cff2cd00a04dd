#include "base/text.h"

#include <cstdint>
#include <cstdio>

namespace slipway {
namespace {

// Length of the valid sequence at the front of `text`, 0 if there is none. Requires: !text.empty().
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && at(1) < 0xA0) return 0;   // overlong
  if (first == 0xED && at(1) >= 0xA0) return 0;  // surrogates
  if (first == 0xF0 && at(1) < 0x90) return 0;   // overlong
  if (first == 0xF4 && at(1) >= 0x90) return 0;  // above U+10FFFF
  return length;
}

// How many characters at the front stand for themselves in a JSON string: printable ASCII but '"' and '\\'.
std::size_t plain_prefix(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 0x20 && text[length] < 0x7F && text[length] != '"' &&
         text[length] != '\\') {
    ++length;
  }
  return length;
}

void append_escaped(std::string& out, unsigned char c, const char* format) {
  char text[8];
  std::snprintf(text, sizeof text, format, c);
  out += text;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<std::uint8_t>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<std::uint8_t>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text);
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      append_escaped(out, static_cast<unsigned char>(c), "\\u%04x");
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  out += '"';
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "...";
    const std::size_t length = sequence_length(text);
    const std::string_view piece = text.substr(0, length ? length : 1);
    if (length == 0 || has_control_characters(piece)) {
      for (const char c : piece) append_escaped(out, static_cast<unsigned char>(c), "\\x%02x");
    } else {
      out += piece;
    }
    text.remove_prefix(piece.size());
  }
  return out;
}

}  // namespace slipway
