// Kept states as text: words of eight bytes, most of them zero or small, packed and in base64.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::log_evidence {

// One byte says how many of a word's low bytes follow; zero words are a 0 and how many there are, seven bits a byte,
// the lowest first. Requires: whole words.
std::string packed(std::span<const std::byte> words);
// InvalidInput: not such a text, or more than `most` bytes.
Result<std::vector<std::byte>> unpacked(std::string_view text, std::size_t most);

}  // namespace slipway::log_evidence
