// StateWriter, StateReader: the state of a process as bytes, so that who is ended in the middle goes on bit for bit.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace slipway::stats {

// A type that is kept has `template <class State> void keep(State& state)`, which names its members once for both ways.
// Every member is one word of eight bytes, least significant first. Lists have the length that their owner was made
// with: a reader that finds another one says Corrupt. Values; one thread.
class StateWriter {
 public:
  template <class... Members>
  void operator()(Members&... members) {
    (write(members), ...);
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void word(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<std::byte>(value >> shift));
  }
  void write(double& value) { word(std::bit_cast<std::uint64_t>(value)); }
  template <std::integral Whole>
  void write(Whole& value) {
    word(static_cast<std::uint64_t>(value));
  }
  template <class Item>
  void write(std::vector<Item>& items) {
    word(items.size());
    for (Item& item : items) write(item);
  }
  template <class Item, std::size_t N>
  void write(std::array<Item, N>& items) {
    for (Item& item : items) write(item);
  }
  template <class Kept>
    requires requires(Kept& kept, StateWriter& state) { kept.keep(state); }
  void write(Kept& kept) {
    kept.keep(*this);
  }

  std::vector<std::byte> bytes_;
};

class StateReader {
 public:
  explicit StateReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  template <class... Members>
  void operator()(Members&... members) {
    (read(members), ...);
  }
  // Corrupt unless all that was asked for was there, and nothing else.
  Result<void> finish() const {
    if (is_whole_ && bytes_.empty()) return {};
    return corrupt("kept state: expected what a process of this plan keeps, found " +
                   std::string(is_whole_ ? "more" : "less, or another shape"));
  }

 private:
  std::uint64_t word() {
    if (bytes_.size() < 8) {
      is_whole_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::to_integer<std::uint64_t>(bytes_[i]) << (8 * i);
    bytes_ = bytes_.subspan(8);
    return value;
  }
  void read(double& value) { value = std::bit_cast<double>(word()); }
  template <std::integral Whole>
  void read(Whole& value) {
    value = static_cast<Whole>(word());
  }
  template <class Item>
  void read(std::vector<Item>& items) {
    if (word() != items.size()) is_whole_ = false;
    if (!is_whole_) return;
    for (Item& item : items) read(item);
  }
  template <class Item, std::size_t N>
  void read(std::array<Item, N>& items) {
    for (Item& item : items) read(item);
  }
  template <class Kept>
    requires requires(Kept& kept, StateReader& state) { kept.keep(state); }
  void read(Kept& kept) {
    kept.keep(*this);
  }

  std::span<const std::byte> bytes_;
  bool is_whole_ = true;
};

}  // namespace slipway::stats
