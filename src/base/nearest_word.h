// The word a person probably meant, for messages about words that are not known.
#pragma once

#include <span>
#include <string_view>

namespace slipway {

// The one of `words` that takes the fewest edits (insert, delete, replace, swap neighbours) to get to from `word`;
// empty if none is near: a third of the letters may be wrong and one always, but not every letter of the candidate.
// Words of more than 128 bytes are not compared.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> words);

}  // namespace slipway
