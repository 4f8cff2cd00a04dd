// RequestKey: a request's id in the fixed space that records have for it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

namespace slipway::model {

// A value. An id of at most 40 bytes stands as it is; of a longer one its first 23, '~', and 16 digits of its hash.
class RequestKey {
 public:
  static constexpr std::size_t kSize = 40;
  RequestKey() = default;
  static RequestKey of(std::string_view request_id);

  std::string_view text() const;
  bool is_empty() const { return bytes_[0] == 0; }
  auto operator<=>(const RequestKey&) const = default;

 private:
  std::array<char, kSize> bytes_{};  // the rest is 0
};

// XXH3-64: what records and their indexes have in place of a model's name or a key's text.
std::uint64_t hash_of(std::string_view text);

}  // namespace slipway::model
