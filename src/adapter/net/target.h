// Percent-decoding of request targets.
#pragma once

#include <string>
#include <string_view>

namespace slipway::net {

enum class PlusSign : unsigned char { Literal, Space };  // Space: in queries, as HTML forms write it

// Appends `text` decoded once. Requires: each '%' is followed by two hexadecimal digits (HeadParser has checked).
void append_decoded(std::string& out, std::string_view text, PlusSign plus);
std::string percent_decoded(std::string_view text);

// The next "key=value" of a query, raw; takes it off the front of `rest`.
struct QueryItem {
  std::string_view key, value;
};
QueryItem next_of_query(std::string_view& rest);

}  // namespace slipway::net
