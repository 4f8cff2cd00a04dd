#include "domain/access/name_pattern.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::access {
namespace {

constexpr std::size_t kLongest = 255;
constexpr std::ptrdiff_t kMostStars = 8;  // what a match costs grows with them

}  // namespace

Result<NamePattern> NamePattern::parse(std::string_view text) {
  const bool good = !text.empty() && text.size() <= kLongest && is_valid_utf8(text) && !has_control_characters(text) &&
                    text.find_first_of("/:") == std::string_view::npos && std::ranges::count(text, '*') <= kMostStars;
  if (good) return NamePattern(std::string(text));
  return invalid_input(
      "expected a model's name with '*' for any characters (1 to 255 bytes of UTF-8 that print, without '/' and ':', "
      "at "
      "most 8 '*'), such as team-a-*, found \"" +
      printable(text) + "\"");
}

// Goes back only to the last star: what an earlier one could have taken more, the last one can as well.
bool NamePattern::matches(std::string_view name) const {
  std::size_t at = 0, in = 0, star = std::string::npos, resume = 0;
  while (in < name.size()) {
    if (at < text_.size() && text_[at] == '*') {
      star = at++;
      resume = in;
    } else if (at < text_.size() && text_[at] == name[in]) {
      ++at;
      ++in;
    } else if (star != std::string::npos) {
      at = star + 1;
      in = ++resume;
    } else {
      return false;
    }
  }
  return text_.find_first_not_of('*', at) == std::string::npos;
}

}  // namespace slipway::access
