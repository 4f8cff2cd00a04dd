// Annotations and VersionNotes: what people write about models and versions, at any time and without effect on serving.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model/name.h"

namespace slipway::model {

// In bytes of UTF-8; those of keys, values and descriptions are MLflow's.
inline constexpr std::size_t kLongestTagKey = 250;
inline constexpr std::size_t kLongestTagValue = 5'000;
inline constexpr std::size_t kLongestDescription = 5'000;
inline constexpr std::size_t kMostTags = 200;
inline constexpr std::size_t kLongestSource = 2'048;
inline constexpr std::size_t kLongestRunId = 500;
inline constexpr std::size_t kLongestStageLabel = 64;

struct Annotations {
  std::string description;
  std::map<std::string, std::string> tags;
  WallTime changed_at{};  // when anybody last changed them; the epoch: never
  bool operator==(const Annotations&) const = default;
};

// What may change about a version that itself never does. MLflow's words: `stage_label` is its current_stage (it moves
// both ways, several versions may have the same), `source` and `run_id` are where it says the version came from.
struct VersionNotes {
  ModelName model;
  VersionNumber version;
  Annotations annotations;
  std::string stage_label;
  std::string source;
  std::string run_id;
  std::string run_link;
  bool operator==(const VersionNotes&) const = default;
};

// InvalidInput: too long or too many, no UTF-8, or holding a NUL; a key that is empty or has control characters. The
// message names the tag or field.
Result<void> check_tag(std::string_view key, std::string_view value);
Result<void> check(const Annotations& annotations);
Result<void> check(const VersionNotes& notes);

}  // namespace slipway::model
