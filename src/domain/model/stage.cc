#include "domain/model/stage.h"

#include <array>

namespace slipway::model {
namespace {
constexpr std::array<std::string_view, 4> kNames = {"registered", "validated", "rejected", "retired"};
}

std::string_view name_of(Stage stage) {
  return kNames[static_cast<std::size_t>(stage)];
}

std::optional<Stage> parse_stage(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Stage>(i);
  }
  return std::nullopt;
}

bool may_move(Stage from, Stage to) {
  switch (from) {
    case Stage::Registered:
      return to == Stage::Validated || to == Stage::Rejected;
    case Stage::Validated:
    case Stage::Rejected:
      return to == Stage::Retired;
    case Stage::Retired:
      return false;
  }
  return false;
}

}  // namespace slipway::model
