// gzip and deflate: inflating request bodies bit by bit, deflating answers whole.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace slipway::net {

enum class Coding : std::uint8_t { Identity, Gzip, Deflate };

// Content-Encoding of a request; nullopt: not one of ours, or several.
std::optional<Coding> parse_content_coding(std::string_view value);
// The coding of ours an Accept-Encoding prefers (gzip on a tie); Identity when none is acceptable.
Coding choose_coding(std::string_view accept_encoding);
std::string_view name_of(Coding coding);

inline constexpr std::size_t kWorthEncoding = 2 << 10;  // smaller bodies do not shrink enough to pay
bool is_textual(std::string_view content_type);         // other content does not shrink

// One body. Requires: coding is not Identity.
class Inflater {
 public:
  enum class Outcome : std::uint8_t { Progress, Stuck, Ended, Broken };
  struct Step {
    Outcome outcome;  // Stuck: neither input taken nor output made
    std::size_t consumed, produced;
  };

  explicit Inflater(Coding coding);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;
  Step inflate(ByteSpan input, MutableByteSpan output);
  bool has_ended() const { return has_ended_; }

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  bool has_ended_ = false;
};

// `content` encoded at the fastest level; nullopt when that is not smaller. Requires: coding is not Identity.
std::optional<std::string> deflate_all(Coding coding, std::string_view content);

}  // namespace slipway::net
