#include "adapter/yaml/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/text.h"

namespace slipway::yaml {
namespace {

constexpr std::size_t kLongestWord = 64;  // of an unknown key that is compared at all

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j - 1] + 1, above + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> words) {
  if (word.size() > kLongestWord) return {};
  std::string_view nearest;
  std::size_t least = word.size() / 3 + 2;  // a third of the letters may be wrong, and one or two always
  for (const std::string_view candidate : words) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least && distance < candidate.size()) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string unknown_key(std::string_view key, std::span<const std::string_view> known) {
  std::string message = "unknown key \"" + printable(key) + "\"";
  const std::string_view nearest = nearest_word(key, known);
  if (!nearest.empty()) return message + "; did you mean \"" + std::string(nearest) + "\"?";
  message += "; known: ";
  for (std::size_t i = 0; i < known.size(); ++i) message += (i == 0 ? "" : ", ") + std::string(known[i]);
  return message;
}

}  // namespace slipway::yaml
