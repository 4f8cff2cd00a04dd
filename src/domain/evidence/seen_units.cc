#include "domain/evidence/seen_units.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace slipway::evidence {
namespace {
constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;  // of hashes that differ in their low bits only
constexpr std::uint64_t kMostSlots = std::uint64_t{1} << 30U;
}  // namespace

bool SeenUnits::is_sound() const {
  const auto used = keys_.size() - static_cast<std::uint64_t>(std::ranges::count(keys_, std::uint64_t{0}));
  return used == size_ && 2 * used <= keys_.size() && used <= most_;
}

std::uint64_t SeenUnits::slot_of(std::uint64_t unit) const {
  const std::uint64_t mask = keys_.size() - 1;
  std::uint64_t slot = (unit * kSpread) >> 32U & mask;
  while (keys_[slot] != 0 && keys_[slot] != unit) slot = (slot + 1) & mask;
  return slot;
}

std::uint64_t* SeenUnits::find(std::uint64_t unit) {
  std::uint64_t slot = slot_of(unit);
  if (keys_[slot] == unit) return &flags_[slot];
  if (is_full()) return nullptr;
  if (2 * (size_ + 1) > keys_.size()) {
    const std::vector<std::uint64_t> keys(std::exchange(keys_, std::vector<std::uint64_t>(2 * keys_.size(), 0)));
    const std::vector<std::uint64_t> flags(std::exchange(flags_, std::vector<std::uint64_t>(keys_.size(), 0)));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == 0) continue;
      const std::uint64_t to = slot_of(keys[i]);
      keys_[to] = keys[i];
      flags_[to] = flags[i];
    }
    slot = slot_of(unit);
  }
  keys_[slot] = unit;
  flags_[slot] = 0;
  ++size_;
  return &flags_[slot];
}

void SeenUnits::resize(std::uint64_t slots) {
  if (slots == keys_.size() || !std::has_single_bit(slots) || slots > kMostSlots || slots / 4 > most_) return;
  keys_.assign(slots, 0);
  flags_.assign(slots, 0);
}

}  // namespace slipway::evidence
