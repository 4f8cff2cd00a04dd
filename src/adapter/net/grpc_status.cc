#include "adapter/net/grpc_status.h"

#include <array>

#include "base/text.h"

namespace slipway::net {
namespace {

constexpr std::array<std::string_view, 17> kCodes = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                                     "9", "10", "11", "12", "13", "14", "15", "16"};
constexpr std::size_t kLongestMessage = 2048;  // encoded; clients take 8 KiB of metadata in all
constexpr std::size_t kTimeoutDigits = 8;

Duration unit_of(char unit) {
  switch (unit) {
    case 'H':
      return std::chrono::hours(1);
    case 'M':
      return std::chrono::minutes(1);
    case 'S':
      return std::chrono::seconds(1);
    case 'm':
      return std::chrono::milliseconds(1);
    case 'u':
      return std::chrono::microseconds(1);
    case 'n':
      return std::chrono::nanoseconds(1);
    default:
      return Duration{0};
  }
}

}  // namespace

std::string_view text_of(GrpcCode code) {
  return kCodes[static_cast<std::size_t>(code)];
}

std::string encoded_grpc_message(std::string_view message) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  std::size_t whole = 0;  // where the last character ends that fits with its escapes
  for (const char c : message) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xC0) != 0x80) whole = out.size();  // a new character: a UTF-8 sequence is not cut in the middle
    if (out.size() + 3 > kLongestMessage) {
      out.resize(whole);
      return out;
    }
    if (byte >= 0x20 && byte < 0x7F && c != '%') {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

Result<Duration> parse_grpc_timeout(std::string_view text) {
  constexpr Duration kLongest = std::chrono::hours(24 * 365);
  const Duration unit = text.empty() ? Duration{0} : unit_of(text.back());
  const std::string_view digits = text.substr(0, text.empty() ? 0 : text.size() - 1);
  const bool is_good = unit > Duration{0} && !digits.empty() && digits.size() <= kTimeoutDigits &&
                       digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_good) {
    return invalid_input("grpc-timeout: expected up to eight digits and one of H, M, S, m, u, n, found \"" +
                         printable(text, 40) + "\"");
  }
  std::int64_t count = 0;
  for (const char c : digits) count = 10 * count + (c - '0');
  return count > kLongest / unit ? kLongest : count * unit;
}

std::optional<GrpcForm> parse_grpc_form(std::string_view content_type) {
  constexpr std::string_view kGrpc = "application/grpc";
  if (!content_type.starts_with(kGrpc)) return std::nullopt;
  std::string_view rest = content_type.substr(kGrpc.size());
  GrpcForm form = GrpcForm::Trailers;
  if (rest.starts_with("-web-text")) {
    form = GrpcForm::WebText;
    rest.remove_prefix(std::string_view("-web-text").size());
  } else if (rest.starts_with("-web")) {
    form = GrpcForm::Web;
    rest.remove_prefix(std::string_view("-web").size());
  }
  if (rest.starts_with("+proto")) rest.remove_prefix(std::string_view("+proto").size());
  if (rest.empty() || rest.front() == ';' || rest.front() == ' ') return form;
  return std::nullopt;
}

std::string_view content_type_of(GrpcForm form) {
  switch (form) {
    case GrpcForm::Trailers:
      return "application/grpc";
    case GrpcForm::Web:
      return "application/grpc-web+proto";
    case GrpcForm::WebText:
      return "application/grpc-web-text+proto";
  }
  return {};
}

}  // namespace slipway::net
