#include "adapter/net/http2_trailers.h"

namespace slipway::net {
namespace {

constexpr std::size_t kMost = 4 << 10;
constexpr std::size_t kFrameHead = 9;
constexpr char kHeaders = 1, kEndStream = 1, kEndHeaders = 4;

// RFC 7541, 5.2: not compressed.
void append_text(std::string& out, std::string_view text) {
  constexpr std::size_t kMostInPrefix = 0x7F;
  if (text.size() < kMostInPrefix) {
    out += static_cast<char>(text.size());
  } else {
    out += static_cast<char>(kMostInPrefix);
    std::size_t rest = text.size() - kMostInPrefix;
    for (; rest >= 0x80; rest >>= 7) out += static_cast<char>(rest | 0x80);
    out += static_cast<char>(rest);
  }
  out += text;
}

}  // namespace

bool can_write_trailers(std::span<const Http2Field> trailers) {
  constexpr std::size_t kOfField = 9;  // its kind, and two lengths
  std::size_t size = 0;
  for (const Http2Field& field : trailers) size += kOfField + field.name.size() + field.value.size();
  return size != 0 && size <= kMost;
}

void append_trailers(std::string& out, std::int32_t stream, std::span<const Http2Field> trailers) {
  const std::size_t begin = out.size();
  out.append(kFrameHead, '\0');
  for (const Http2Field& field : trailers) {
    out += '\0';  // RFC 7541, 6.2.2: a literal that is not indexed, with a new name
    append_text(out, field.name);
    append_text(out, field.value);
  }
  const std::size_t length = out.size() - begin - kFrameHead;
  char* head = out.data() + begin;
  for (int shift = 16; shift >= 0; shift -= 8) *head++ = static_cast<char>(length >> shift);
  *head++ = kHeaders;
  *head++ = kEndHeaders | kEndStream;
  for (int shift = 24; shift >= 0; shift -= 8) *head++ = static_cast<char>(stream >> shift);
}

}  // namespace slipway::net
