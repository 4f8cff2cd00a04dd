#include "domain/model/verdict.h"

#include <array>

namespace slipway::model {
namespace {
constexpr std::array<std::string_view, 3> kNames = {"pass", "fail", "inconclusive"};
}

std::string_view name_of(Verdict verdict) {
  return kNames[static_cast<std::size_t>(verdict)];
}

std::optional<Verdict> parse_verdict(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

}  // namespace slipway::model
