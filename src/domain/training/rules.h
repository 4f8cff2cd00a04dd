// What training code may write down: names, values and how much of them. The limits are MLflow's where it has one.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "domain/training/entry.h"

namespace slipway::training {

inline constexpr std::size_t kLongestKey = 250;
inline constexpr std::size_t kLongestParameter = 6'000;
inline constexpr std::size_t kLongestRunTag = 8'000;
inline constexpr std::size_t kLongestExperimentTag = 5'000;
inline constexpr std::size_t kLongestName = 500;  // of experiments, runs and models
inline constexpr std::size_t kLongestPath = 1'024;
inline constexpr std::size_t kMostTags = 1'000;  // of one entry, as the next two
inline constexpr std::size_t kMostParameters = 10'000;
inline constexpr std::size_t kMostMetrics = 10'000;
inline constexpr std::size_t kMostMetricsAtOnce = 1'000;  // of one request, as the next
inline constexpr std::size_t kMostOthersAtOnce = 100;

// Each: InvalidInput tells what was expected and found.
// Letters and digits of any script, and _ - . space : / ; no path that leaves its folder or has two spellings.
Result<void> check_key(std::string_view kind, std::string_view key);
Result<void> check_tag(Kind of, std::string_view key, std::string_view value);
Result<void> check_parameter(std::string_view key, std::string_view value);
Result<void> check_name(Kind of, std::string_view name);
// Relative, of parts that are neither empty nor "." nor "..", without control characters and backslashes.
Result<void> check_path(std::string_view path);

}  // namespace slipway::training
