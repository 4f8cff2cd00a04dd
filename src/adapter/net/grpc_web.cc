#include "adapter/net/grpc_web.h"

#include <array>

#include "adapter/net/grpc_frames.h"

namespace slipway::net {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotInAlphabet = 0xFF;

constexpr std::array<std::uint8_t, 256> values_of_alphabet() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotInAlphabet);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = values_of_alphabet();

}  // namespace

void append_web_trailers(std::string& out, GrpcCode code, std::string_view message) {
  std::string fields = "grpc-status:" + std::string(text_of(code)) + "\r\n";
  if (!message.empty()) fields += "grpc-message:" + encoded_grpc_message(message) + "\r\n";
  append_grpc_prefix(out, kGrpcWebTrailers, fields.size());
  out += fields;
}

Result<void> append_base64_decoded(std::string& out, std::string_view text) {
  if (text.size() % 4 != 0) {
    return invalid_input("expected base64 text of a multiple of 4 characters, found " + std::to_string(text.size()));
  }
  out.reserve(out.size() + text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const std::string_view group = text.substr(at, 4);
    const std::size_t digits = group.ends_with("==") ? 2 : group.ends_with('=') ? 3 : 4;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t value = i < digits ? kValues[static_cast<std::uint8_t>(group[i])] : 0;
      if (value == kNotInAlphabet) {
        return invalid_input("expected base64 text, found another character at byte " + std::to_string(at + i));
      }
      bits = bits << 6 | value;
    }
    for (std::size_t i = 0; i + 1 < digits; ++i) out += static_cast<char>(bits >> (16 - 8 * i));
  }
  return {};
}

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<std::uint8_t>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i > group.size() ? '=' : kAlphabet[bits >> (18 - 6 * i) & 63];
  }
}

}  // namespace slipway::net
