#include "cli/request_kind.h"

#include <algorithm>

namespace slipway::cli {

RequestKind request_kind(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || (text[start] != '{' && text[start] != '[')) return RequestKind::Csv;
  if (text[start] == '[') {
    const std::size_t first = text.find_first_not_of(" \t\r\n", start + 1);
    const bool nested = first != std::string_view::npos && (text[first] == '[' || text[first] == '{');
    return nested ? RequestKind::Rows : RequestKind::Row;
  }
  int depth = 0;
  for (std::size_t i = start; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t begin = ++i;
    while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    i = std::min(i, text.size());
    const std::size_t next = text.find_first_not_of(" \t\r\n", std::min(i + 1, text.size()));
    const bool is_key = next != std::string_view::npos && text[next] == ':';
    if (depth == 1 && is_key && text.substr(begin, i - begin) == "inputs") return RequestKind::Inference;
  }
  return RequestKind::Plain;
}

}  // namespace slipway::cli
