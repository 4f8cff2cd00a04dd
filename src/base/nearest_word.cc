#include "base/nearest_word.h"

#include <algorithm>
#include <array>

namespace slipway {
namespace {

constexpr std::size_t kLongestWord = 128;

// Optimal string alignment distance (Damerau, Levenshtein), three rows at a time. Requires: b of at most kLongestWord.
std::size_t edits_between(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kLongestWord + 1>;
  Row before{};
  Row above{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = above;
    above = row;
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({row[j - 1] + 1, above[j] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> words) {
  if (word.size() > kLongestWord) return {};
  std::string_view nearest;
  std::size_t least = word.size() / 3 + 2;
  for (const std::string_view candidate : words) {
    // So many edits alone make the lengths equal.
    const std::size_t apart = std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size());
    if (candidate.size() > kLongestWord || apart >= least) continue;
    const std::size_t edits = edits_between(word, candidate);
    if (edits < least && edits < candidate.size()) {
      least = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace slipway
