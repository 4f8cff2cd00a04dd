#include "domain/model/request_key.h"

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace slipway::model {

RequestKey RequestKey::of(std::string_view request_id) {
  constexpr std::size_t kDigits = 16;
  constexpr std::size_t kStart = kSize - kDigits - 1;
  RequestKey key;
  if (request_id.size() <= kSize) {
    request_id.copy(key.bytes_.data(), kSize);
    return key;
  }
  std::memcpy(key.bytes_.data(), request_id.data(), kStart);
  key.bytes_[kStart] = '~';
  std::uint64_t hash = XXH3_64bits(request_id.data(), request_id.size());
  for (std::size_t i = 0; i < kDigits; ++i, hash <<= 4) key.bytes_[kStart + 1 + i] = "0123456789abcdef"[hash >> 60];
  return key;
}

std::string_view RequestKey::text() const {
  return {bytes_.data(), ::strnlen(bytes_.data(), kSize)};
}

std::uint64_t hash_of(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

}  // namespace slipway::model
