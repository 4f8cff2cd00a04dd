// Basis: all that one decision of a rollout was made from, so that it can be made again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/rollout/commands.h"

namespace slipway::rollout {

enum class Occasion : std::uint8_t { Start, Look, Asked, Withdrawn };
std::string_view name_of(Occasion occasion);  // "start", "look", "command", "withdrawal"

// A value. Its text is kept beside the decision: one line for each part, always the same ones in the same order,
// numbers exact to the last bit (docs/formats/rollouts.md).
struct Basis {
  Occasion occasion = Occasion::Look;
  WallTime now{};
  Rollout before;  // of Start: as it was opened
  Sight sight;
  std::optional<Command> command;  // of Asked
  Person person;                   // of Start and Asked; of Withdrawn: why
  std::string started_by;          // of Asked
  std::string plan;                // of Start: the text that was given
};

std::string text_of(const Basis& basis);
Result<Basis> parse_basis(std::string_view text);  // InvalidInput names the line, what was expected and what was found

}  // namespace slipway::rollout
