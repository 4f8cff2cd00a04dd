// Announcer: tells one listener every decision of rollouts, from the history.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "domain/model/event.h"
#include "ports/metadata_store.h"
#include "ports/notifier.h"
#include "ports/telemetry.h"

namespace slipway::announcing {

inline constexpr Duration kFirstPause = std::chrono::seconds(1);  // then twice as long each time, up to the longest
inline constexpr Duration kLongestPause = std::chrono::minutes(5);
inline constexpr int kMostAttempts = 20;        // at one event, in about an hour
inline constexpr int kMostAttemptsRefused = 5;  // at one that the listener refuses

// The history is the outbox: what was told is a number in it, kept from one process to the next, so that a kill loses
// nothing and at most tells once more. In the order of the history; what fails holds up what comes after it until it is
// told or given up. step(): one thread; blocks as long as the notifier does. collect(): any thread.
class Announcer final : public ports::MetricSource {
 public:
  struct Parts {
    ports::MetadataStore& history;
    ports::Notifier& to;
    const Clock& clock;
    Log& log;
    std::string name;  // of the listener, in the log and in metrics
    std::function<Result<std::optional<std::uint64_t>>()>
        kept;  // told up to here; none: it begins with what comes next
    std::function<Result<void>(std::uint64_t)> keep;
    std::uint64_t seed = 0;  // of the pauses
  };
  explicit Announcer(Parts parts) : parts_(std::move(parts)), random_(parts_.seed) {}

  // Where it begins, unless it was told before; step() sees to it otherwise, and what came meanwhile is not told then.
  Result<void> begin();
  // Tells what there is, or returns at once while it pauses.
  void step();
  void collect(ports::MetricVisitor& visitor) const override;

 private:
  enum class Outcome : std::uint8_t { Told, Failed, GivenUp };
  Result<bool> tell_page();
  bool tell(const model::Event& event);
  bool failed(const model::Event& event, const Error& error);
  Result<void> pass(std::uint64_t sequence, bool is_told);
  void count(Outcome outcome) { ++counts_.at(static_cast<std::size_t>(outcome)); }

  const Parts parts_;
  std::mt19937_64 random_;
  std::optional<std::uint64_t> at_;  // told up to here
  std::uint64_t kept_ = 0;           // as it was kept last
  int attempts_ = 0;                 // at the next event
  TimePoint next_{};
  std::string failure_;  // of the store, told in the log
  std::array<std::atomic<std::uint64_t>, 3> counts_{};
};

}  // namespace slipway::announcing
