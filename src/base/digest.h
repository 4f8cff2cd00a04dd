// SHA-256 digests, random bytes and hexadecimal text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway {

// A SHA-256 value.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const Digest&) const = default;

  std::string hex() const;  // 64 lower-case digits
};

// Accepts 64 hexadecimal digits, with or without the prefix "sha256:".
Result<Digest> parse_digest(std::string_view text);

Digest sha256(ByteSpan bytes);

// Hashes in pieces. One thread; finish() once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(ByteSpan bytes);
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Fills `out` from the system's cryptographic generator; ends the process if that fails.
void fill_random(MutableByteSpan out);

std::string to_hex(ByteSpan bytes);

// Equal without telling by its duration where the difference lies.
bool equal_in_constant_time(ByteSpan a, ByteSpan b);

}  // namespace slipway
