// Refusals: attempts that were not allowed, on their way into the history, without letting a flood of them fill it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "domain/model/event.h"

namespace slipway::registry {

// Owned by the application; any thread, event loops included: note() holds a lock for as long as it takes to compare a
// few dozen lines. Holds at most kMostLines; what comes beyond is counted.
class Refusals {
 public:
  static constexpr std::size_t kMostLines = 64;
  static constexpr double kBurst = 100;     // events that are written at once
  static constexpr double kPerMinute = 10;  // after that

  struct Refusal {
    std::string_view actor;
    std::string_view model;  // empty: none, or not known
    std::string_view what;   // "PUT /api/v1/serving/fraud"
    std::string_view why;
  };
  void note(const Refusal& refusal, WallTime at);

  // The events that may be written now; those of the same caller at the same thing are one.
  std::vector<model::Event> take(WallTime now);
  // What take() gave could not be written: it is counted again.
  void give_back(const std::vector<model::Event>& events);

 private:
  struct Line {
    model::Event event;
    std::uint64_t count = 1;
  };
  struct State {
    std::vector<Line> lines;
    std::uint64_t unlisted = 0;
    double budget = kBurst;
    WallTime filled_at{};
    WallTime counted_at{};
  };
  Guarded<State> state_;
};

}  // namespace slipway::registry
