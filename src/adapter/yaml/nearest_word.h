// The word a person probably meant, for messages about unknown keys.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace slipway::yaml {

// The nearest of `words` by edit distance if it is near enough to be worth telling, else empty.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> words);

// `unknown key "lables"; did you mean "labels"?` or `unknown key "x"; known: a, b`.
std::string unknown_key(std::string_view key, std::span<const std::string_view> known);

}  // namespace slipway::yaml
