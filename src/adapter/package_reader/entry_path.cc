#include "adapter/package_reader/entry_path.h"

#include <cstdint>

#include "base/text.h"

namespace slipway::package_reader {
namespace {

Error bad_path(std::string_view path, std::string_view why) {
  return invalid_input("the path \"" + printable(path) + "\" " + std::string(why));
}

Result<void> check_part(std::string_view path, std::string_view part) {
  if (part.empty()) return bad_path(path, "has an empty part");
  if (part == ".") return bad_path(path, "has a part \".\"");
  if (part == "..") return bad_path(path, "has a part \"..\", which would leave the package");
  if (part.size() > kLongestName) {
    return bad_path(path, "has a part of " + std::to_string(part.size()) + " bytes, expected at most 255");
  }
  return {};
}

// Simple case folding of the two-byte letters that file systems fold: Latin-1, Greek and Cyrillic.
std::uint32_t fold(std::uint32_t c) {
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
  if (c >= 0x100 && c <= 0x17F && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149 && c != 0x178 && c != 0x17F) {
    const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || c >= 0x179;
    return (c % 2 == 1) == odd_is_upper ? c + 1 : c;
  }
  if (c >= 0x391 && c <= 0x3A9) return c + 0x20;
  if (c >= 0x410 && c <= 0x42F) return c + 0x20;
  if (c >= 0x400 && c <= 0x40F) return c + 0x50;
  return c;
}

}  // namespace

Result<void> check_entry_path(std::string_view path) {
  if (path.empty()) return invalid_input("an empty path");
  if (path.size() > kLongestPath) {
    return bad_path(path, "has " + std::to_string(path.size()) + " bytes, expected at most 1024");
  }
  if (!is_valid_utf8(path)) return bad_path(path, "is not UTF-8");
  if (has_control_characters(path)) return bad_path(path, "has control characters");
  if (path.find('\\') != std::string_view::npos) return bad_path(path, "has a backslash; folders are separated by '/'");
  if (path.front() == '/') return bad_path(path, "is absolute; expected one inside the package");
  if (path.size() > 1 && path[1] == ':' && std::isalpha(static_cast<unsigned char>(path[0]))) {
    return bad_path(path, "starts with a drive letter; expected one inside the package");
  }
  while (true) {
    const std::size_t slash = path.find('/');
    TRY(check_part(path, path.substr(0, slash)));
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

std::string case_fold(std::string_view path) {
  std::string folded;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c >= 0xC3 && c <= 0xDF && i + 1 < path.size()) {
      const std::uint32_t point = fold((c & 0x1Fu) << 6 | (static_cast<unsigned char>(path[i + 1]) & 0x3Fu));
      folded += static_cast<char>(0xC0 | point >> 6);
      folded += static_cast<char>(0x80 | (point & 0x3F));
      ++i;
    } else {
      folded += static_cast<char>(std::tolower(c));
    }
  }
  return folded;
}

}  // namespace slipway::package_reader
