// AssignmentRule: by what the requests to one model are assigned to the versions of its traffic split.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/access/permission.h"
#include "domain/model/name.h"
#include "domain/model/slicing.h"

namespace slipway::model {

inline constexpr std::string_view kUnitHeader = "x-slipway-unit";        // who does not say otherwise names it there
inline constexpr std::string_view kUnitParameter = "slipway_unit";       // of a request, or of its query
inline constexpr std::string_view kVersionHeader = "x-slipway-version";  // a tester asks for a version
inline constexpr std::string_view kSyntheticHeader = "x-slipway-synthetic";  // with any value: no evidence

inline constexpr std::size_t kMostConditions = 8;
inline constexpr std::size_t kLongestRuleText = 256;  // of a name, a value, an experiment

// What a request's unit is read from. A request that has none there is drawn for itself alone.
struct UnitSource {
  enum class Kind : std::uint8_t {
    Header,     // `name`, in lower case
    Parameter,  // kUnitParameter
    Input,      // the tensor `name`: one element of text or integers, or one for each row, of which the first counts
    Principal,  // who asks
    Request,    // nothing: every request is drawn for itself
  };
  Kind kind = Kind::Header;
  std::string name = std::string(kUnitHeader);
  bool operator==(const UnitSource&) const = default;
};

// A request takes part only if this holds.
struct Condition {
  std::string header;  // in lower case; empty: who asks
  std::string equals;
  bool operator==(const Condition&) const = default;
};

// A value; part of DesiredServing. The default is what a split without a rollout has.
struct AssignmentRule {
  UnitSource unit;
  std::string experiment;             // its assignments are drawn anew; empty: the model's standing one
  VersionNumber control = 0;          // answers who does not take part; 0: the version with the largest share
  std::vector<Condition> conditions;  // all of them; empty: everybody takes part
  access::Permission override_needs = access::Permission::Deploy;  // to ask for a version by kVersionHeader
  Slicing slicing;  // what records say of each request that is drawn, besides
  bool operator==(const AssignmentRule&) const = default;
};

// InvalidInput names the field: texts that are empty, too long or do not print, header names that are none.
Result<void> check(const AssignmentRule& rule);

// As it is stored: a line for each field that is not the default's; empty for the default.
std::string text_of(const AssignmentRule& rule);
Result<AssignmentRule> parse_assignment_rule(std::string_view text);  // InvalidInput names the line

}  // namespace slipway::model
