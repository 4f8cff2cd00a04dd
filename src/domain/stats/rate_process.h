// RateProcess: evidence, valid at every moment, on how often an event happens: a rate held against a bound.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/stats/difference_process.h"

namespace slipway::stats {

// Each trial ends in an event with a probability that, given all before it, H0 bounds by p0: Above bets against
// "at most p0", Below against "at least p0". The factor is the likelihood ratio of an alternative p1 on the other side,
//   p1 / p0 for an event, (1 - p1) / (1 - p0) for none,
// which is a supermartingale under all of H0, since it is monotone in the event; the alternatives are mixed equally.
// Above: odds of p0 times {1.25, 1.5, 2, 3, 5, 10, 30, 100}; Below: p0 times {0, 1/4, 1/2, 3/4}. Only the counts
// matter, in whatever order they came. With p0 = 1/2 over the discordant ones of paired trials it is McNemar's test,
// looked at at any time; over pairs that tie nothing is to be bet. A value; one thread.
class RateProcess {
 public:
  RateProcess(Side side, double p0);  // Requires: p0 inside (0, 1).

  void trials(std::uint64_t count, std::uint64_t events);  // more of them. Requires: events <= count.
  void trial(bool is_event) { trials(1, is_event ? 1 : 0); }

  double log_evidence() const;
  std::uint64_t count() const { return count_; }
  std::uint64_t events() const { return events_; }
  // What ln E grows by with one trial, if events come at this rate, of the alternative that grows fastest.
  double growth(double rate) const;

  template <class State>
  void keep(State& state) {
    state(count_, events_);
  }

 private:
  struct Logs {
    double event, none;
  };
  std::vector<Logs> alternatives_;
  std::uint64_t count_ = 0, events_ = 0;
};

// Against "1/2", both ways: which of two is ahead in the trials that tell them apart. A value; one thread.
class CoinProcess {
 public:
  CoinProcess() : up_(Side::Above, 0.5), down_(Side::Above, 0.5) {}

  void toss(bool is_head) { up_.trial(is_head), down_.trial(!is_head); }
  double log_evidence() const;
  std::uint64_t count() const { return up_.count(); }
  std::uint64_t heads() const { return up_.events(); }

  template <class State>
  void keep(State& state) {
    state(up_, down_);
  }

 private:
  RateProcess up_, down_;
};

}  // namespace slipway::stats
