#include "adapter/webhook/webhook_target.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>

namespace slipway::webhook {
namespace {

using Octets = std::span<const std::uint8_t>;

struct Network {
  std::array<std::uint8_t, 16> bytes;
  unsigned bits;
};

// The special-purpose registries of IANA (RFC 6890 and after), as far as they are not reached from everywhere.
constexpr Network kInside4[] = {
    {{0}, 8},          {{10}, 8},         {{100, 64}, 10},  {{127}, 8},      {{169, 254}, 16},     {{172, 16}, 12},
    {{192, 0, 0}, 24}, {{192, 0, 2}, 24}, {{192, 168}, 16}, {{198, 18}, 15}, {{198, 51, 100}, 24}, {{203, 0, 113}, 24},
    {{224}, 4},        {{240}, 4},
};
constexpr Network kInside6[] = {
    {{0}, 8},    {{0x01, 0x00}, 64}, {{0x20, 0x01, 0x0d, 0xb8}, 32},
    {{0xfc}, 7}, {{0xfe, 0x80}, 10}, {{0xfe, 0xc0}, 10},
    {{0xff}, 8}, {{0x3f, 0xff}, 20}, {{0x5f, 0x00}, 16},
};

bool is_in(Octets address, const Network& network) {
  for (unsigned bit = 0; bit < network.bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if ((address[bit / 8] & mask) != (network.bytes.at(bit / 8) & mask)) return false;
  }
  return true;
}

bool is_public4(Octets address) {
  return std::ranges::none_of(kInside4, [&](const Network& network) { return is_in(address, network); });
}

bool is_public6(Octets address) {
  constexpr Network kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
  constexpr Network kTranslated{{0x00, 0x64, 0xff, 0x9b}, 96};  // RFC 6052
  constexpr Network k6to4{{0x20, 0x02}, 16};
  constexpr Network kTeredo{{0x20, 0x01, 0x00, 0x00}, 32};
  if (is_in(address, kMapped) || is_in(address, kTranslated)) return is_public4(address.subspan(12, 4));
  if (is_in(address, k6to4)) return is_public4(address.subspan(2, 4));
  if (is_in(address, kTeredo)) return false;
  return std::ranges::none_of(kInside6, [&](const Network& network) { return is_in(address, network); });
}

struct Part {
  char* text = nullptr;
  ~Part() { curl_free(text); }
};

}  // namespace

Result<std::string> check_url(std::string_view url) {
  const auto wrong = [](const std::string& why) {
    return invalid_input("expected an address such as https://hooks.example.com/rollouts, found one " + why);
  };
  if (url.size() > kLongestUrl) return wrong("of more than " + std::to_string(kLongestUrl) + " bytes");
  std::string text(url);
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return wrong("that is no URL");
  }
  Part scheme, user, host;
  curl_url_get(parsed.get(), CURLUPART_SCHEME, &scheme.text, 0);
  curl_url_get(parsed.get(), CURLUPART_USER, &user.text, 0);
  curl_url_get(parsed.get(), CURLUPART_HOST, &host.text, 0);
  const std::string_view kind = scheme.text != nullptr ? scheme.text : "";
  if (kind != "https" && kind != "http") return wrong("that is neither https nor http");
  if (user.text != nullptr) return wrong("with a name or password in it: what is sent is signed instead");
  if (host.text == nullptr || *host.text == '\0') return wrong("without a host");
  return text;
}

std::string shown_url(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return "webhook";
  return std::string(url.substr(0, url.find_first_of("/?#", host + 3)));
}

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &in.sin_addr, octets.size());
    return is_public4(octets);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &in.sin6_addr, octets.size());
    return is_public6(octets);
  }
  return false;
}

}  // namespace slipway::webhook
