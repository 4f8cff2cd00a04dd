// Verdict: what gates, guards and drift detectors answer. Inconclusive never promotes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway::model {

enum class Verdict : std::uint8_t { Pass, Fail, Inconclusive };

std::string_view name_of(Verdict verdict);  // "pass"
std::optional<Verdict> parse_verdict(std::string_view name);

}  // namespace slipway::model
