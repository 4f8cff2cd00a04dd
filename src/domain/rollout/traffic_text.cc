#include "domain/rollout/traffic_text.h"

#include <charconv>

namespace slipway::rollout {
namespace {

constexpr std::string_view kMirrored = "mirrored";

template <class Number>
bool take_number(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

}  // namespace

std::string text_of(const Traffic& traffic) {
  std::string text;
  for (const model::Share& share : traffic.shares) {
    text += (text.empty() ? "" : " ") + std::to_string(share.version) + "=" + std::to_string(share.share.count);
  }
  if (traffic.mirrored.count > 0) {
    text += " " + std::string(kMirrored) + "=" + std::to_string(traffic.mirrored.count);
  }
  return text;
}

Result<Traffic> parse_traffic(std::string_view text) {
  const auto wrong = [&] {
    return invalid_input("expected shares such as \"1=9900 2=100\", found \"" + std::string(text) + "\"");
  };
  Traffic traffic;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const std::size_t equals = word.find('=');
    model::BasisPoints share;
    if (equals == std::string_view::npos || !take_number(word.substr(equals + 1), share.count)) return wrong();
    if (word.substr(0, equals) == kMirrored) {
      traffic.mirrored = share;
      continue;
    }
    model::VersionNumber version = 0;
    if (!take_number(word.substr(0, equals), version) || traffic.shares.size() == model::kMostShares) return wrong();
    traffic.shares.push_back({version, share});
  }
  return traffic;
}

}  // namespace slipway::rollout
