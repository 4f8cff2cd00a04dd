// DeclaredSlices: the slices of a plan as a server's requests are told apart by them, and what records say of them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "domain/evidence/plan.h"
#include "domain/model/slicing.h"

namespace slipway::evidence {

// Made of the plan alone, so that who labels requests and who reads the labels agree. A value.
struct DeclaredSlices {
  model::Slicing slicing;                        // columns in the order in which slices name them first
  std::vector<std::vector<std::size_t>> places;  // of each column's values, among the plan's slices

  // Bit i: what has this label lies in slice i of the plan.
  std::uint64_t of(std::uint16_t label) const;
};

// Of slices that are named COLUMN=VALUE. InvalidInput: one is named otherwise, a column is declared that none names, or
// check(slicing) refuses them.
Result<DeclaredSlices> declared_slices(const EvidencePlan& plan);

}  // namespace slipway::evidence
