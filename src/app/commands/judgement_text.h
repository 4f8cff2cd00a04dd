// A judgement as people and programs read it on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/evidence/judgement.h"

namespace slipway::app {

std::string_view action_of(model::Verdict verdict);  // "promote", "roll_back", "hold"

// "line 812, 8.1 s: roll back: REASON"
std::string judgement_line(std::uint64_t line, double t, const evidence::Judgement& judgement);
// One line of JSON: docs/formats/trace.md.
std::string judgement_json(std::string_view event, std::uint64_t line, double t, const evidence::Judgement& judgement);
// METRIC, E(HARM), BACK AT, E(SAFE), PROMOTES AT, POWER, EFFECT, CANDIDATE, CONTROL
std::vector<std::string> judgement_cells(const evidence::Finding& finding);

}  // namespace slipway::app
