#include "adapter/net/target.h"

#include "adapter/net/characters.h"

namespace slipway::net {

void append_decoded(std::string& out, std::string_view text, PlusSign plus) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus == PlusSign::Space ? ' ' : text[i];
    }
  }
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_decoded(out, text, PlusSign::Literal);
  return out;
}

QueryItem next_of_query(std::string_view& rest) {
  const std::size_t ampersand = rest.find('&');
  const std::string_view item = rest.substr(0, ampersand);
  rest = ampersand == std::string_view::npos ? std::string_view{} : rest.substr(ampersand + 1);
  const std::size_t equals = item.find('=');
  if (equals == std::string_view::npos) return {item, {}};
  return {item.substr(0, equals), item.substr(equals + 1)};
}

}  // namespace slipway::net
