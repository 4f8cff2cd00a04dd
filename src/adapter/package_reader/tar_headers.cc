#include "adapter/package_reader/tar_headers.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/text.h"

namespace slipway::package_reader {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kCompactFrom = 256 << 10;  // passed bytes that are worth moving the others for

Error nul_in(std::string_view name) {
  return invalid_input("the path \"" + printable(name) + "\" has a NUL");
}

// A field that a NUL may end: only NULs follow the first one.
Result<void> check_padded(std::string_view field) {
  const std::size_t end = field.find('\0');
  if (end == std::string_view::npos || field.find_first_not_of('\0', end) == std::string_view::npos) return {};
  return nul_in(field);
}

// "30 path=some/where\n" and so on.
Result<void> check_pax(std::string_view records) {
  while (!records.empty()) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), size);
    const auto digits = static_cast<std::size_t>(end - records.data());
    if (error != std::errc() || size <= digits + 1 || size > records.size()) return {};  // libarchive refuses it
    const std::string_view record = records.substr(digits + 1, size - digits - 1);
    if (record.starts_with("path=") && record.find('\0') != std::string_view::npos) return nul_in(record.substr(5));
    records.remove_prefix(size);
  }
  return {};
}

// Octal digits, or a binary number (GNU, star), as libarchive reads both.
std::size_t number_in(std::string_view field) {
  std::size_t value = 0;
  if ((static_cast<unsigned char>(field.front()) & 0x80U) != 0) {
    for (const char byte : field.substr(field.size() - sizeof value)) {
      value = value << 8 | static_cast<unsigned char>(byte);
    }
    return value;
  }
  const std::size_t first = field.find_first_not_of(" \t");
  if (first != std::string_view::npos) std::from_chars(field.data() + first, field.data() + field.size(), value, 8);
  return value;
}

}  // namespace

void TarHeaders::pass(std::uint64_t position) {
  passed_ = std::max(passed_, position);
  const std::uint64_t done = std::min<std::uint64_t>(passed_ - begin_, kept_.size());
  if (done != kept_.size() && done < kCompactFrom) return;
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(done));
  begin_ += done;
}

Result<void> TarHeaders::check_names(std::uint64_t begin, std::uint64_t end) const {
  if (begin < begin_ || end < begin || end - begin_ > kept_.size())
    return internal_error("a tar's header was not kept");
  std::string_view headers = as_text(ByteSpan(kept_).subspan(begin - begin_, end - begin));
  while (headers.size() >= kBlock) {
    const std::string_view block = headers.substr(0, kBlock);
    headers.remove_prefix(kBlock);
    TRY(check_padded(block.substr(0, 100)));
    const char type = block[156];
    const bool is_pax = type == 'x' || type == 'X' || type == 'g';
    if (!is_pax && type != 'L' && type != 'K') continue;
    const std::string_view body = headers.substr(0, number_in(block.substr(124, 12)));
    TRY(is_pax ? check_pax(body) : check_padded(body));
    headers.remove_prefix(std::min(headers.size(), (body.size() + kBlock - 1) / kBlock * kBlock));
  }
  return {};
}

}  // namespace slipway::package_reader
