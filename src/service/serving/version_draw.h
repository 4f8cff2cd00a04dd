// draw_version: which version a request goes to, and with what probability it could have been otherwise.
#pragma once

#include "domain/model/assignment.h"
#include "service/serving/serving_table.h"

namespace slipway::serving {

struct DrawnVersion {
  const ModelHandle* version;  // in the table
  model::Draw draw;
};

// By the version the request names, a tester's wish, or the split under the model's AssignmentRule. `random`: the state
// that requests without a unit are drawn from. Allocates nothing unless it fails. NotFound, NotReady; InvalidInput or
// Denied: a tester's wish that cannot be.
Result<DrawnVersion> draw_version(const ServingTable& table, const ports::PredictRequest& request,
                                  std::uint64_t& random);

// SplitMix64 (Steele, Lea, Flood 2014): enough for drawing traffic shares.
inline std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// What the rule takes for the request's unit; empty: there is none. Looks at inputs that nobody has checked.
std::string_view unit_key_of(const model::UnitSource& source, const ports::PredictRequest& request);

}  // namespace slipway::serving
