#include "adapter/log_evidence/packed_words.h"

#include <algorithm>

#include "adapter/codec/base64.h"
#include "base/bytes.h"
#include "base/invariant.h"

namespace slipway::log_evidence {
namespace {

constexpr std::size_t kWord = 8;

std::size_t bytes_of(std::span<const std::byte> word) {
  std::size_t size = kWord;
  while (size > 0 && word[size - 1] == std::byte{0}) --size;
  return size;
}

void append_count(std::string& out, std::uint64_t count) {
  for (; count >= 0x80; count >>= 7U) out.push_back(static_cast<char>((count & 0x7fU) | 0x80U));
  out.push_back(static_cast<char>(count));
}

Error damaged() {
  return invalid_input("packed state: expected bytes of words, found a text that is cut off or no such");
}

}  // namespace

std::string packed(std::span<const std::byte> words) {
  invariant(words.size() % kWord == 0, "states are whole words");
  std::string out;
  out.reserve(words.size() / 2);
  while (!words.empty()) {
    if (const std::size_t size = bytes_of(words.first(kWord)); size > 0) {
      out.push_back(static_cast<char>(size));
      out.append(as_text(words.first(size)));
      words = words.subspan(kWord);
      continue;
    }
    std::uint64_t zeros = 0;
    for (; !words.empty() && bytes_of(words.first(kWord)) == 0; words = words.subspan(kWord)) ++zeros;
    out.push_back('\0');
    append_count(out, zeros);
  }
  return codec::encode_base64(out);
}

Result<std::vector<std::byte>> unpacked(std::string_view text, std::size_t most) {
  const std::string bytes = TRY(codec::decode_base64(text));
  std::vector<std::byte> words;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = static_cast<std::uint8_t>(bytes[at++]);
    std::uint64_t count = 1;
    if (size > kWord || bytes.size() - at < size) return damaged();
    if (size == 0) {
      count = 0;
      for (unsigned shift = 0;; shift += 7) {
        if (at == bytes.size() || shift > 42) return damaged();
        const auto byte = static_cast<std::uint8_t>(bytes[at++]);
        count |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if (byte < 0x80) break;
      }
    }
    if (count > (most - words.size()) / kWord) return damaged();
    const std::size_t to = words.size();
    words.resize(to + count * kWord);
    std::ranges::copy(as_bytes(std::string_view(bytes).substr(at, size)),
                      words.begin() + static_cast<std::ptrdiff_t>(to));
    at += size;
  }
  return words;
}

}  // namespace slipway::log_evidence
