// The plans and ramps that scenarios are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/proof/scenario.h"

namespace slipway::proof {

// The ramps. A step lasts its dwell at least, until a tenfold harm (`design: 10`) would have been found with the power
// asked for, and while evidence of harm is above a tenth of its bar. Without a margin nothing promotes: the last weight
// stays, and every rollout is watched to the end.
inline constexpr std::string_view kRamp =
    "stages: [{canary: {weights: [5%, 10%, 25%, 50%, 100%], dwell: 10m, holdback: 0%}}]\n";
inline constexpr std::string_view kQuickRamp =
    "stages: [{canary: {weights: [5%, 10%, 25%, 50%, 100%], dwell: 5m, holdback: 0%}}]\n";
inline constexpr std::string_view kShortRamp = "stages: [{canary: {weights: [10%, 50%], dwell: 2m, holdback: 0%}}]\n";
inline constexpr std::string_view kTenth = "stages: [{ab_test: {weight: 10%}}]\n";
inline constexpr std::string_view kBandit = "stages: [{bandit: {update_every: 1m}}]\n";
// Of the rules of others, by time alone.
inline const std::vector<RampStep> kTimed{{0.05, 600}, {0.1, 600}, {0.25, 600}, {0.5, 1'800}};

inline constexpr std::string_view kErrors = "  - {name: error_rate, source: errors, design: 10, weight: 2}\n";
inline constexpr std::string_view kLatency = "  - {name: latency, source: latency, design: 10}\n";
inline constexpr std::string_view kRevenue = "  - {name: revenue, source: amount, direction: smaller_is_worse}\n";
inline constexpr std::string_view kValue = "  - {name: value, source: prediction, direction: either_way}\n";
inline constexpr std::string_view kMargin = "  - {name: error_rate, source: errors, margin_ratio: 2}\n";
inline constexpr std::string_view kLatencyMargin = "  - {name: latency, source: latency, margin_ratio: 2}\n";
inline constexpr std::string_view kRight =
    "  - {name: accuracy, source: outcome, direction: smaller_is_worse, design: 0.3}\n";
// What is twice as often is no harm yet, and not shown to be safe either.
inline constexpr std::string_view kTolerant =
    "  - {name: error_rate, source: errors, margin_ratio: 2, tolerance_ratio: 2, design: 10}\n";

// The margin is so narrow that nothing passes before harm would have been found.
inline constexpr std::string_view kShadow =
    "stages: [{shadow: {dwell: 10m}}]\nmetrics: []\nagreement:\n  alpha_share: 0.99\n  metrics:\n"
    "    - {name: score, source: bias, column: 0, scale: 4, margin_difference: 0.001}\n";
// Ten looks at the conversions of 64,000 users, half of them each version's.
inline constexpr std::string_view kPlanned =
    "stages: [{ab_test: {mode: fixed, units: 64000, looks: 10}}]\nmetrics:\n"
    "  - {name: conversion, source: outcome, direction: either_way}\n";

template <class... Metrics>
std::string plan(std::string_view ramp, Metrics... metrics) {
  return std::string(ramp) + "metrics:\n" + (std::string(metrics) + ...);
}

std::string slices(int count);  // "slices: [s0, s1, ...]"
std::string ten_metrics();      // on twenty slices; several of them look at the same thing

}  // namespace slipway::proof
