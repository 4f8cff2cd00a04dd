// XML as text: what has to be escaped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway {

// `text` for an element's text or an attribute in double quotes, at most `longest` of its characters. What XML 1.0 has
// no way to write is shown as printable() shows it.
std::string escaped_xml(std::string_view text, std::size_t longest);

}  // namespace slipway
