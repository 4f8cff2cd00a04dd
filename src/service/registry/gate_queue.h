// GateQueue: the versions that wait for their gates, and the one whose gates are asked now.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "domain/model/name.h"

namespace slipway::registry {

// Owned by the Registry. Any thread. Holds at most kMost; beyond that a version is refused, and stays as it is.
class GateQueue {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr Duration kShortestPause = std::chrono::seconds(30);
  static constexpr Duration kLongestPause = std::chrono::hours(1);

  struct Item {
    model::ModelName name;
    model::VersionNumber number;
    std::string actor;      // who asked
    std::string reason;     // why
    bool is_retry = false;  // an earlier run was cut off by the server's end
  };
  struct Standing {
    enum class Phase : std::uint8_t { Idle, Waiting, Running };
    Phase phase = Phase::Idle;
    std::string doing;  // while it runs
  };

  // False: full. One that waits or runs already is not added again.
  bool add(Item item);
  // The one that waited longest runs from now on, until finish() or put_back(). None: nobody waits, or one runs.
  std::optional<Item> take();
  void tell(std::string_view doing);
  void finish();
  void put_back();  // it waits again, as the first
  // ... until a while has passed, a longer one each time until one finishes. is_due(): it has, and nobody took one
  // since.
  void put_off(TimePoint now);
  bool is_due(TimePoint now) const;
  Standing standing(const model::ModelName& name, model::VersionNumber number) const;

 private:
  struct State {
    std::deque<Item> waiting;
    std::optional<Item> running;
    std::string doing;
    std::optional<TimePoint> again_at;
    Duration pause = kShortestPause;
  };
  Guarded<State> state_;
};

std::string_view name_of(GateQueue::Standing::Phase phase);  // "idle"

}  // namespace slipway::registry
