// Stage: the life of a version. A retired one is kept, with its files and history, and never served again.
//
//   from \ to    Validated  Rejected  Retired
//   Registered   yes        yes       -
//   Validated    -          -         yes
//   Rejected     -          -         yes
//   Retired      -          -         -
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace slipway::model {

enum class Stage : std::uint8_t { Registered, Validated, Rejected, Retired };

std::string_view name_of(Stage stage);  // "registered"
std::optional<Stage> parse_stage(std::string_view name);
bool may_move(Stage from, Stage to);

}  // namespace slipway::model
