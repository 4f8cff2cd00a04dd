// The load gate: the model loads and warms up in the gate process.
#include "domain/gate/gates.h"
#include "domain/gate/judgement.h"

namespace slipway::gate {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Only what the model did by itself, and does again, is held against it.
constexpr std::uint32_t kCrashesToBlame = 2;

Evidence judge_end(const LoadMeasurement& measured) {
  Evidence row{.subject = "load", .count = measured.attempts, .detail = measured.detail};
  const auto say = [&](Outcome outcome, const std::string& what) {
    row.outcome = outcome;
    row.detail = measured.detail.empty() ? what : what + ": " + measured.detail;
  };
  switch (measured.end) {
    case LoadEnd::Loaded:
      say(Outcome::Pass, "loaded");
      break;
    case LoadEnd::Refused:
      say(Outcome::Fail, "the engine refuses the model");
      break;
    case LoadEnd::OutOfMemory:
      say(Outcome::Fail, "the model needs more memory than its limit");
      break;
    case LoadEnd::Crashed:
      if (measured.attempts >= kCrashesToBlame) {
        say(Outcome::Fail, "the gate process ended " + std::to_string(measured.attempts) + " times while loading it");
      } else {
        say(Outcome::Inconclusive, "the gate process ended once while loading it; a second attempt would tell");
      }
      break;
    case LoadEnd::TimedOut:
      say(Outcome::Inconclusive, "not loaded within the time that the gates have");
      break;
    case LoadEnd::Stopped:
      say(Outcome::Inconclusive, "the gate process was stopped from outside");
      break;
  }
  return row;
}

}  // namespace

Verdict judge_load(const LoadPolicy& policy, const LoadMeasurement& measured) {
  std::vector<Evidence> rows{judge_end(measured)};
  if (measured.end != LoadEnd::Loaded) return conclude(std::move(rows), "", "");
  const bool in_time = measured.load_time <= policy.longest_load;
  rows.push_back({.subject = "load time",
                  .outcome = in_time ? Outcome::Pass : Outcome::Fail,
                  .found = seconds(measured.load_time),
                  .limit = seconds(policy.longest_load),
                  .count = 1,
                  .detail = text_of(seconds(measured.load_time)) + " s, at most " +
                            text_of(seconds(policy.longest_load)) + " s allowed"});
  const bool warm = measured.warmup_runs >= policy.least_warmup_runs;
  rows.push_back({.subject = "warm-up",
                  .outcome = warm ? Outcome::Pass : Outcome::Inconclusive,
                  .found = seconds(measured.warmup_time),
                  .count = measured.warmup_runs,
                  .detail = plural(measured.warmup_runs, "run") + ", at least " +
                            std::to_string(policy.least_warmup_runs) + " expected"});
  return conclude(std::move(rows), "loaded in " + text_of(seconds(measured.load_time)) + " s and warm", "");
}

}  // namespace slipway::gate
