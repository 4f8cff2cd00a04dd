// Paths inside a package: the one rule for archive entries, manifests and ONNX external data.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace slipway::package_reader {

inline constexpr std::size_t kLongestPath = 1024;
inline constexpr std::size_t kLongestName = 255;

// Ok if `path` is relative, '/'-separated, of UTF-8 without control characters and backslashes, with no empty, "." or
// ".." part, each part at most 255 bytes and the whole at most 1024. InvalidInput tells which rule is broken.
Result<void> check_entry_path(std::string_view path);

// Two paths with the same key would be one file where names differ only by case. ASCII and Latin-1, Greek and Cyrillic
// letters are folded.
std::string case_fold(std::string_view path);

}  // namespace slipway::package_reader
