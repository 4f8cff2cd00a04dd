// Text from outside: UTF-8 validity, and escaping for the places it is printed in.
#pragma once

#include <string>
#include <string_view>

namespace slipway {

// Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// True if a C0, DEL or C1 control character occurs. Requires: valid UTF-8.
bool has_control_characters(std::string_view text);

// Appends `text` as a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD; control characters are escaped.
void append_json_string(std::string& out, std::string_view text);

// For messages and terminals: invalid and control bytes as \xNN, cut to `limit` bytes with "..." when longer.
std::string printable(std::string_view text, std::size_t limit = 120);

}  // namespace slipway
