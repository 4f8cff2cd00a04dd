// Twins: joins what was recorded of mirrored requests with what was recorded of their twins.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "domain/evidence/pair_observation.h"

namespace slipway::evidence {

// One record of a pair. A value.
struct Twin {
  std::uint64_t pair = 0;  // stands for the pair: the same for both records and, for a while, for no other
  bool is_candidates = false;
  double t = 0;            // seconds, when the request was received
  std::uint64_t unit = 0;  // hash of the unit key; 0: none
  PairedAnswer answer;
  std::uint64_t slices = 0;

  template <class State>
  void keep(State& state) {
    state(pair, is_candidates, t, unit, answer.error, answer.values, answer.outputs, slices);
  }
};

// Fed with records in the order in which they come, either of a pair first. Bounded: when `most` wait, the oldest is
// given up, as is one that waits longer than kLongestWait of the records' own time. A value; one thread.
class Twins {
 public:
  static constexpr double kLongestWait = 60;  // seconds
  // Between the times of a pair's two records, which are one time told by clocks that may have been set between.
  static constexpr double kMostApart = 1;

  explicit Twins(std::size_t most = 16'384) : most_(most) {}

  // Both, when this is the second of its pair. One whose number is of another pair that still waits takes its place.
  std::optional<PairObservation> take(const Twin& twin);

  std::size_t waiting() const { return waiting_.size(); }
  // Records of control whose twin did not come: it was shed, had no room, or the process ended first.
  std::uint64_t lost() const { return lost_; }

  template <class State>
  void keep(State& state) {
    std::vector<Twin> list = in_order();
    std::uint64_t count = list.size();
    state(count, lost_);
    list.resize(std::min<std::uint64_t>(count, most_));
    for (Twin& twin : list) state(twin);
    hold(list);
  }

 private:
  struct Held {
    Twin twin;
    std::uint64_t arrival;
  };
  struct Arrival {
    std::uint64_t number;
    std::uint64_t pair;
    double t;
  };

  bool waits(const Arrival& arrival) const;
  void add(const Twin& twin);
  void lose(const Twin& twin);
  void give_up(double before);
  std::vector<Twin> in_order() const;
  void hold(const std::vector<Twin>& list);

  std::size_t most_;
  std::unordered_map<std::uint64_t, Held> waiting_;
  std::deque<Arrival> arrivals_;  // of those that wait, and of some that do not any more
  std::uint64_t next_arrival_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace slipway::evidence
