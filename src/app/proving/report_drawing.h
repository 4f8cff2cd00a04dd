// What a run of the suite came to, drawn: our evidence and the rules of others side by side.
#pragma once

#include <span>
#include <string>

#include "domain/proof/suite.h"

namespace slipway::proving {

struct Played {
  proof::Scenario scenario;
  proof::Score score;
};

// A whole SVG document: a table of how often each rule rolled back, red where it was wrong; and what it costs to be
// right, false rollbacks against the requests that a bad candidate had, at each rate of traffic that both were played
// at.
std::string drawing_of(std::span<const Played> played);

}  // namespace slipway::proving
