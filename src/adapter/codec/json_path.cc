#include <array>

#include "adapter/codec/json_reader.h"
#include "base/text.h"

namespace slipway::codec {
namespace {

constexpr std::size_t kLongestPath = 400;  // of a longer one, its begin and its end are shown

// A container that is open at the place looked for.
struct Level {
  bool object = false;
  std::uint64_t index = 0;
  std::string_view key;  // as written, escapes and all
};

void append_level(std::string& path, const Level& level) {
  if (!level.object) {
    path += "[" + std::to_string(level.index) + "]";
    return;
  }
  if (level.key.empty()) return;
  bool plain = true;
  for (const char c : level.key) {
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
  }
  const std::string shown = printable(level.key, 60);
  path += plain ? "." + shown : "[\"" + shown + "\"]";
}

}  // namespace

// Only errors come here, so the text is simply read again: nothing keeps a path while things go well.
std::string json_path(std::string_view text, std::size_t offset) {
  std::array<Level, kMaxJsonDepth> levels;
  std::size_t depth = 0;
  bool key_next = false;
  const std::size_t stop = std::min(offset, text.size());
  for (std::size_t i = 0; i < stop; ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') {
      if (depth == levels.size()) break;
      levels[depth++] = {.object = c == '{', .index = 0, .key = {}};
      key_next = c == '{';
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
      key_next = false;
    } else if (c == ',' && depth > 0) {
      ++levels[depth - 1].index;
      levels[depth - 1].key = {};
      key_next = levels[depth - 1].object;
    } else if (c == '"') {
      const std::size_t first = ++i;
      while (i < stop && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
      if (i >= stop) break;
      if (key_next) levels[depth - 1].key = text.substr(first, i - first);
      key_next = false;
    }
  }
  std::string path = "$";
  for (std::size_t i = 0; i < depth; ++i) append_level(path, levels[i]);
  if (path.size() <= kLongestPath) return path;
  return path.substr(0, kLongestPath / 2) + "..." + path.substr(path.size() - kLongestPath / 2);
}

}  // namespace slipway::codec
