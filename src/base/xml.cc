#include "base/xml.h"

#include "base/text.h"

namespace slipway {

std::string escaped_xml(std::string_view text, std::size_t longest) {
  std::string out;
  for (const char c : printable(text, longest)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace slipway
