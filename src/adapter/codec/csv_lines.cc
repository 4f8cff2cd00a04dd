#include "adapter/codec/csv_lines.h"

#include "base/text.h"

namespace slipway::codec {

CsvLines::CsvLines(std::string_view text, Arena& arena) : left_(text), arena_(arena) {
  if (left_.starts_with("\xEF\xBB\xBF")) left_.remove_prefix(3);
}

Result<bool> CsvLines::next(std::vector<std::string_view>& cells) {
  cells.clear();
  while (left_.starts_with('\n') || left_.starts_with("\r\n")) {
    left_.remove_prefix(left_.front() == '\r' ? 2 : 1);
    ++number_;
  }
  if (left_.empty()) return false;
  ++number_;
  for (;;) {
    cells.push_back(TRY(cell()));
    if (left_.empty()) return true;
    const char c = left_.front();
    left_.remove_prefix(1);
    if (c == ',') continue;
    if (c == '\r' && left_.starts_with('\n')) left_.remove_prefix(1);
    return true;
  }
}

Result<std::string_view> CsvLines::cell() {
  if (!left_.starts_with('"')) {
    const std::string_view text = left_.substr(0, left_.find_first_of(",\r\n"));
    left_.remove_prefix(text.size());
    return text;
  }
  std::size_t at = 1;
  bool doubled = false;
  for (;; at += 2) {
    at = left_.find('"', at);
    if (at == std::string_view::npos) {
      return invalid_input("line " + std::to_string(number_) + ": expected a closing quote, found the end of the text");
    }
    if (left_.substr(at + 1, 1) != "\"") break;
    doubled = true;
  }
  const std::string_view quoted = left_.substr(1, at - 1);
  left_.remove_prefix(at + 1);
  if (!left_.empty() && left_.find_first_of(",\r\n") != 0) {
    return invalid_input("line " + std::to_string(number_) + ": expected ',' after a closing quote, found \"" +
                         printable(left_.substr(0, 1)) + "\"");
  }
  return doubled ? undouble(quoted) : quoted;
}

std::string_view CsvLines::undouble(std::string_view quoted) {
  std::string text;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    text += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return arena_.copy(text);
}

}  // namespace slipway::codec
