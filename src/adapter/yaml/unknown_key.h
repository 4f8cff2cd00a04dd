// What is said about a key that is not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace slipway::yaml {

// `unknown key "lables"; did you mean "labels"?` or `unknown key "x"; known: a, b`.
std::string unknown_key(std::string_view key, std::span<const std::string_view> known);

}  // namespace slipway::yaml
