// SeenUnits: which units a rollout has bet on, and for what. Bounded: full, it takes no more.
#pragma once

#include <cstdint>
#include <vector>

namespace slipway::evidence {

// A table of hashes with one word of flags each. It grows by doubling until `most` units are in it. A value; one
// thread.
class SeenUnits {
 public:
  explicit SeenUnits(std::uint64_t most) : most_(most), keys_(kFirst, 0), flags_(kFirst, 0) {}

  // The flags of the unit, which is put in without any if it is new; nullptr if it is new and the table is full. Until
  // the next call. Requires: unit is not 0.
  std::uint64_t* find(std::uint64_t unit);
  std::uint64_t size() const { return size_; }
  bool is_full() const { return size_ == most_; }
  // False after reading a state that no table leaves: `find` would go round in it.
  bool is_sound() const;

  template <class State>
  void keep(State& state) {
    std::uint64_t slots = keys_.size();
    state(slots);
    resize(slots);
    state(keys_, flags_, size_);
  }

 private:
  static constexpr std::uint64_t kFirst = 1024;  // a power of two

  std::uint64_t slot_of(std::uint64_t unit) const;
  void resize(std::uint64_t slots);  // leaves them as they are, if there are so many

  std::uint64_t most_;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> keys_;  // 0: free
  std::vector<std::uint64_t> flags_;
};

}  // namespace slipway::evidence
