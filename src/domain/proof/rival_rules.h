// Rival rules: how others decide a rollout, as far as their documentation and sources say; what ours is held against.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/evidence/observation.h"
#include "domain/proof/uncorrected_tests.h"

namespace slipway::proof {

// What one minute looked like, by arm: 0 control, 1 candidate.
struct Minute {
  std::array<std::uint64_t, 2> requests{};
  std::array<std::uint64_t, 2> errors{};
  std::array<std::optional<double>, 2> p99;  // ms; absent without answers or where nobody measures
};

enum class Rival : std::uint8_t {
  PooledZ,             // a z-test of all counts so far, p < 0.05, each minute
  Thresholds,          // errors above 5 %, or p99 above one and a half times control's, each minute
  Flagger,             // below 99 % success or p99 above 500 ms in five minutes of the rollout (its documented example)
  ArgoFirst,           // below 95 % success in one minute (failureLimit 0, its default)
  ArgoThird,           // below 95 % over five minutes, more than three times
  Kayenta,             // Mann-Whitney on minutes every quarter of an hour, any metric failing
  AsymptoticSequence,  // GrowthBook's two-sided interval of a difference of means of outcomes, tuned to 5,000
  Uncorrected,         // a z-test of every metric in every slice, each minute
};
inline constexpr std::array kRivals{
    Rival::PooledZ, Rival::Thresholds,         Rival::Flagger,    Rival::ArgoFirst, Rival::ArgoThird,
    Rival::Kayenta, Rival::AsymptoticSequence, Rival::Uncorrected};
std::string_view name_of(Rival rival);

// The minute, counted from 1, in which the rule would have rolled back; 0: never. AsymptoticSequence and Uncorrected go
// by more than these counts, and never do here.
std::uint32_t minute_of_rollback(Rival rival, const std::vector<Minute>& minutes);

// Half the width of the asymptotic interval of a mean after n values, at the level alpha and tightest at about `tuned`
// values: the two-sided normal mixture's bound on their sum, over n (Robbins, "Statistical methods related to the law
// of the iterated logarithm", 1970; Waudby-Smith and others, "Time-uniform central limit theory", 2024).
double asymptotic_half_width(double n, double standard_error, double alpha, double tuned);

struct RampStep {
  double share = 0.05;
  double seconds = 600;
};

// Where one rule rolled back; minute 0: nowhere.
struct RivalEnd {
  std::uint32_t minute = 0;
  std::uint64_t candidate = 0;  // requests that the candidate had had by then
};

// All rules, looking at the same traffic. One thread.
class RivalWatch {
 public:
  void see(const evidence::Observation& answer);
  void pass(double t);                          // nothing more came until then (seconds)
  std::array<RivalEnd, kRivals.size()> ends();  // Requires: called once, at the end.

 private:
  struct Sequence {
    std::array<double, 2> count{}, sum{}, squares{};
    std::uint64_t seen = 0;
  };
  void open_minute(std::size_t minute);
  void close_minute();
  bool rejects(stats::Arm arm, double outcome);

  std::vector<Minute> minutes_;
  std::array<std::vector<double>, 2> latencies_;  // of the minute that is open
  Sequence sequence_;
  std::optional<std::uint32_t> rejected_in_;
  UncorrectedTests tests_;
  bool has_slices_ = false;
  std::optional<std::uint32_t> significant_in_;
};

}  // namespace slipway::proof
